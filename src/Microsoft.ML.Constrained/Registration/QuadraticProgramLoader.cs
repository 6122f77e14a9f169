using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(QuadraticProgramTransformer),
    typeof(QuadraticProgramLoader),
    null,
    typeof(SignatureLoadModel),
    "Quadratic program",
    QuadraticProgramTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class QuadraticProgramLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static QuadraticProgramTransformer Create(IHostEnvironment environment, ModelLoadContext context) =>
        ModelBlock.Load(context, QuadraticProgramTransformer.Format, reader => QuadraticProgramTransformer.Read(environment, reader));
}
