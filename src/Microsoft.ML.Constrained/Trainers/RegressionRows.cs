using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Rows as tensors.</summary>
/// <param name="Features">Scaled features, float32.</param>
/// <param name="Labels">Labels in their own units, float64.</param>
/// <param name="Parameters">The constraints' columns, float64; null where they have none.</param>
internal sealed record RegressionRows(Tensor Features, Tensor Labels, Tensor? Parameters)
{
    public int Count => (int)Features.shape[0];
}
