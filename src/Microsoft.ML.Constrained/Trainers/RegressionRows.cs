using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Rows as tensors.</summary>
/// <param name="Features">Scaled features, float32.</param>
/// <param name="Labels">Labels in their own units, float64.</param>
/// <param name="Parameters">The constraints' columns, float64; null where they have none.</param>
/// <param name="Contradictory">Rows × 1: rows that learn as if there were no constraints; null for none.</param>
internal sealed record RegressionRows(Tensor Features, Tensor Labels, Tensor? Parameters, Tensor? Contradictory = null)
{
    public int Count => (int)Features.shape[0];
}
