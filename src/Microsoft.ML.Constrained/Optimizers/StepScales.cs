using System;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>The numbers that one step of one group needs.</summary>
internal readonly record struct StepScales(double Step, double Decay, double Noise, double WeightDecay, bool Overdamped)
{
    /// <summary>Of B(h) A(h/2) O(h) A(h/2), or of Euler and Maruyama's step.</summary>
    /// <param name="step">h.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="friction">γ; may be infinite.</param>
    /// <param name="weightDecay">Times the weights it is added to the gradient.</param>
    /// <param name="overdamped">Whether there are no momenta.</param>
    public static StepScales Of(double step, double temperature, double friction, double weightDecay, bool overdamped)
    {
        if (overdamped)
            return new(step, 0, Math.Sqrt(2 * temperature * step), weightDecay, true);
        if (double.IsPositiveInfinity(friction))
            return new(step, 0, Math.Sqrt(temperature), weightDecay, false);

        // 1 − c² = 1 − e^(−2γh), without cancellation where γh is small.
        double x = friction * step, c = Math.Exp(-x), rest = x > 20 ? 1 : 2 * c * Math.Sinh(x);
        return new(step, c, Math.Sqrt(rest * temperature), weightDecay, false);
    }
}
