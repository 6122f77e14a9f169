using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(DecisionFocusedTransformer),
    typeof(DecisionFocusedLoader),
    null,
    typeof(SignatureLoadModel),
    "Decision-focused model",
    DecisionFocusedTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class DecisionFocusedLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static DecisionFocusedTransformer Create(IHostEnvironment environment, ModelLoadContext context) => NetworkTransformer.PlaceOn(
        TrainerDevice.Auto, ModelBlock.Load(context, DecisionFocusedTransformer.Format, reader => DecisionFocusedTransformer.Read(environment, reader)));
}
