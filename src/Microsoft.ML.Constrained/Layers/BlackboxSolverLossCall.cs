using System;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>A loss that knows its own gradient: each row's loss, and the gradient of their sum for the costs.</summary>
/// <param name="Diagnostics">The diagnostics of the module.</param>
/// <param name="Evaluate">Computes both from rows of costs.</param>
internal sealed record BlackboxSolverLossCall(
    BlackboxSolverDiagnostics Diagnostics, Func<Tensor, (Tensor Losses, Tensor Gradient)> Evaluate);
