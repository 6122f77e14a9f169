using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Regret against true costs c: how much worse the decision y is than the right one y*, ⟨c, y⟩ − ⟨c, y*⟩ for a minimising solver and
/// ⟨c, y*⟩ − ⟨c, y⟩ for a maximising one. Zero or above for decisions of the set; linear in y with the gradient ±c.
/// </summary>
public static class RegretLoss
{
    /// <summary>The mean of the rows' regrets.</summary>
    /// <param name="decisions">The decisions y, rows × dimension.</param>
    /// <param name="targets">The right decisions y* in the same layout.</param>
    /// <param name="trueCosts">The true costs c in the same layout.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="sense">The solver's sense.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public static double Value(
        ReadOnlySpan<float> decisions, ReadOnlySpan<float> targets, ReadOnlySpan<float> trueCosts, int rows, Sense sense)
    {
        LossHelper.Check(decisions.Length, rows, targets.Length, nameof(targets));
        LossHelper.Check(decisions.Length, rows, trueCosts.Length, nameof(trueCosts));
        double regret = RuleHelper.Inner(trueCosts, decisions) - RuleHelper.Inner(trueCosts, targets);
        return (sense == Sense.Minimize ? regret : -regret) / rows;
    }

    /// <summary>
    /// The regret as a share of what the right decisions cost: Σ over the rows of their regrets / Σ |⟨c, y*⟩| (Elmachtoub and Grigas 2022).
    /// </summary>
    /// <param name="decisions">The decisions y, rows × dimension.</param>
    /// <param name="targets">The right decisions y* in the same layout.</param>
    /// <param name="trueCosts">The true costs c in the same layout.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="sense">The solver's sense.</param>
    /// <returns>The share; NaN when all right decisions cost nothing.</returns>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public static double Relative(
        ReadOnlySpan<float> decisions, ReadOnlySpan<float> targets, ReadOnlySpan<float> trueCosts, int rows, Sense sense)
    {
        double regret = Value(decisions, targets, trueCosts, rows, sense) * rows, right = 0;
        int n = decisions.Length / rows;
        for (int row = 0; row < rows; row++)
            right += Math.Abs(RuleHelper.Inner(trueCosts.Slice(row * n, n), targets.Slice(row * n, n)));
        return right > 0 ? regret / right : double.NaN;
    }

    /// <summary>The gradient of <see cref="Value"/> with respect to the decisions.</summary>
    /// <param name="trueCosts">The true costs c, rows × dimension.</param>
    /// <param name="rows">The number of rows, at least 1.</param>
    /// <param name="sense">The solver's sense.</param>
    /// <param name="gradient">Receives the gradient in the same layout.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public static void Gradient(ReadOnlySpan<float> trueCosts, int rows, Sense sense, Span<float> gradient)
    {
        LossHelper.Check(trueCosts.Length, rows, gradient.Length, nameof(gradient));
        float scale = (sense == Sense.Minimize ? 1f : -1f) / rows;
        for (int i = 0; i < trueCosts.Length; i++)
            gradient[i] = scale * trueCosts[i];
    }
}
