using System;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Settings of <see cref="GradientCheck"/>.</summary>
public sealed class GradientCheckOptions
{
    /// <summary>The step of the central differences, times max(1, |x|); 1e-5 unless set.</summary>
    public double Step { get; set; } = 1e-5;

    /// <summary>The largest relative error that passes; 1e-5 unless set.</summary>
    public double Tolerance { get; set; } = 1e-5;

    /// <summary>
    /// The relative error is |analytic − numeric| / max(|analytic|, |numeric|, this); 1e-2 unless set. Smaller gradients are thus
    /// compared absolutely, to <see cref="Tolerance"/> times this.
    /// </summary>
    public double Floor { get; set; } = 1e-2;

    /// <summary>The most elements of a tensor to check, drawn at random where it has more; all unless set.</summary>
    public int MostElements { get; set; } = int.MaxValue;

    /// <summary>Seeds the weights that turn the output into one number, and the choice of elements; 0 unless set.</summary>
    public int Seed { get; set; }

    /// <summary>Whether the parameters of a module are checked besides its inputs; true unless set.</summary>
    public bool IncludeParameters { get; set; } = true;

    internal void Validate()
    {
        if (!(Step > 0 && Step < 1))
            throw new ArgumentOutOfRangeException(nameof(Step), Step, "'Step' must lie between 0 and 1.");
        if (!(Tolerance > 0))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "'Tolerance' must be positive.");
        if (!(Floor > 0))
            throw new ArgumentOutOfRangeException(nameof(Floor), Floor, "'Floor' must be positive.");
        if (MostElements < 1)
            throw new ArgumentOutOfRangeException(nameof(MostElements), MostElements, "'MostElements' must be at least 1.");
    }
}
