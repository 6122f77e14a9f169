using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Settings of a <see cref="BlackboxSolverLayer"/> beside its solver and its rule.</summary>
public sealed class BlackboxSolverLayerOptions
{
    /// <summary>The noise margin α, in the unit of the costs: +α/2 or −α/2, drawn evenly, is added to each cost in training. At least 0; default 0: none.</summary>
    public double NoiseMargin { get; init; }

    /// <summary>
    /// The informed margin α, in the unit of the costs: in training the right decision, which is the second input, is made worse and all
    /// else better by α/2. At least 0; default 0: none.
    /// </summary>
    public double InformedMargin { get; init; }

    /// <summary>What becomes of costs that a margin made negative where the solver takes none; default <see cref="NegativeCosts.Clamp"/>.</summary>
    public NegativeCosts NegativeCosts { get; init; } = NegativeCosts.Clamp;

    /// <summary>
    /// Whether a rule that draws noise draws it after <c>eval()</c> as well. By default the output is then the decision for the costs as
    /// they are, which takes one solver call and has no gradient for such a rule. Default false.
    /// </summary>
    public bool SampleInEvaluation { get; init; }

    /// <summary>
    /// Whether the forward pass throws where a row has no decision. By default such a row's decision and gradient are zeros, and
    /// <see cref="BlackboxSolverLayer.Diagnostics"/> has its status. Default false.
    /// </summary>
    public bool ThrowIfUnsolved { get; init; }

    /// <summary>The seed of the layer's own generator; default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>The most threads to solve with; default 0: one per processor. Results do not depend on it.</summary>
    public int Threads { get; init; }

    internal void Validate()
    {
        CheckMargin(NoiseMargin, nameof(NoiseMargin));
        CheckMargin(InformedMargin, nameof(InformedMargin));
        if (NegativeCosts is not (NegativeCosts.Clamp or NegativeCosts.Refuse))
            throw new ArgumentOutOfRangeException(nameof(NegativeCosts), NegativeCosts, "Expected Clamp or Refuse.");
        if (Threads < 0)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "Expected 0 (one per processor) or a positive number.");
    }

    internal static double CheckMargin(double margin, string name) => margin >= 0 && double.IsFinite(margin)
        ? margin
        : throw new ArgumentOutOfRangeException(name, margin, "Expected a finite margin that is not negative, in the unit of the costs; 0 for none.");
}
