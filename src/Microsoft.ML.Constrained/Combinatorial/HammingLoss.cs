using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The Hamming loss Σ y (1 − y*) + (1 − y) y* of 0/1 decisions: how many entries differ. It is linear in y, so that it has a gradient
/// for the rules: 1 − 2 y*.
/// </summary>
public static class HammingLoss
{
    /// <summary>The mean of the rows' losses.</summary>
    /// <param name="decisions">The decisions y, rows × dimension.</param>
    /// <param name="targets">The right decisions y* in the same layout.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public static double Value(ReadOnlySpan<float> decisions, ReadOnlySpan<float> targets, int rows)
    {
        LossHelper.Check(decisions.Length, rows, targets.Length, nameof(targets));
        double sum = 0;
        for (int i = 0; i < decisions.Length; i++)
            sum += decisions[i] * (1.0 - targets[i]) + (1.0 - decisions[i]) * targets[i];
        return sum / rows;
    }

    /// <summary>The gradient of <see cref="Value"/> with respect to the decisions.</summary>
    /// <param name="targets">The right decisions y*, rows × dimension.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="gradient">Receives the gradient in the same layout.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public static void Gradient(ReadOnlySpan<float> targets, int rows, Span<float> gradient)
    {
        LossHelper.Check(targets.Length, rows, gradient.Length, nameof(gradient));
        for (int i = 0; i < targets.Length; i++)
            gradient[i] = (1 - 2 * targets[i]) / rows;
    }
}
