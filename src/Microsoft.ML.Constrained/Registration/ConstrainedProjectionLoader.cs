using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(ConstrainedProjectionTransformer),
    typeof(ConstrainedProjectionLoader),
    null,
    typeof(SignatureLoadModel),
    "Constrained projection",
    ConstrainedProjectionTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class ConstrainedProjectionLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static ConstrainedProjectionTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        ModelBlock.Load(context, ConstrainedProjectionTransformer.Format, reader => ConstrainedProjectionTransformer.Read(environment, reader));
}
