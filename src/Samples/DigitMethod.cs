using Microsoft.ML.Constrained.Optimizers;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>One way to train: constraints of all weights (null for none) and of the first (null for the same), step size and friction.</summary>
internal sealed record DigitMethod(string Name, WeightConstraint? Weights, WeightConstraint? First, double Step, double Friction);
