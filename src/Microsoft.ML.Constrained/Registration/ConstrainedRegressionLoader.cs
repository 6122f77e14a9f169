using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(ConstrainedRegressionTransformer),
    typeof(ConstrainedRegressionLoader),
    null,
    typeof(SignatureLoadModel),
    "Constrained regression",
    ConstrainedRegressionTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class ConstrainedRegressionLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static ConstrainedRegressionTransformer Create(IHostEnvironment environment, ModelLoadContext context) => NetworkTransformer.PlaceOn(
        TrainerDevice.Auto, ModelBlock.Load(context, ConstrainedRegressionTransformer.Format, reader => ConstrainedRegressionTransformer.Read(environment, reader)));
}
