using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(ConstrainedClassificationTransformer),
    typeof(ConstrainedClassificationLoader),
    null,
    typeof(SignatureLoadModel),
    "Constrained classification",
    ConstrainedClassificationTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class ConstrainedClassificationLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static ConstrainedClassificationTransformer Create(IHostEnvironment environment, ModelLoadContext context) => NetworkTransformer.PlaceOn(
        TrainerDevice.Auto, ModelBlock.Load(context, ConstrainedClassificationTransformer.Format, reader => ConstrainedClassificationTransformer.Read(environment, reader)));
}
