using System;
using Microsoft.ML.Constrained.Combinatorial;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Losses of decisions, in tensor operations on any device; their gradients go to the decisions and on through a
/// <see cref="BlackboxSolverLayer"/>. A row is what the last dimension holds; rows are averaged unless the reduction says otherwise.
/// </summary>
public static class DecisionLosses
{
    /// <summary>
    /// Hamming loss Σ y (1 − y*) + (1 − y) y*: how many entries of 0/1 decisions differ, linear in y; see <see cref="HammingLoss"/>.
    /// </summary>
    /// <param name="decisions">The decisions y.</param>
    /// <param name="targets">The right decisions y* in the same shape.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor Hamming(Tensor decisions, Tensor targets, nn.Reduction reduction = nn.Reduction.Mean)
    {
        CheckShapes(decisions, targets, nameof(targets));
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = ((decisions * (1 - targets)) + ((1 - decisions) * targets)).sum(-1);
        return scope.MoveToOuter(Reduce(rows, reduction));
    }

    /// <summary>
    /// Regret against true costs c: ⟨c, y⟩ − ⟨c, y*⟩ for a minimising solver, ⟨c, y*⟩ − ⟨c, y⟩ for a maximising one; see
    /// <see cref="RegretLoss"/>.
    /// </summary>
    /// <param name="decisions">The decisions y.</param>
    /// <param name="targets">The right decisions y* in the same shape.</param>
    /// <param name="trueCosts">The true costs c in the same shape.</param>
    /// <param name="sense">The solver's sense.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor Regret(
        Tensor decisions, Tensor targets, Tensor trueCosts, Sense sense = Sense.Minimize, nn.Reduction reduction = nn.Reduction.Mean)
    {
        CheckShapes(decisions, targets, nameof(targets));
        CheckShapes(decisions, trueCosts, nameof(trueCosts));
        if (sense is not (Sense.Minimize or Sense.Maximize))
            throw new ArgumentOutOfRangeException(nameof(sense), sense, "Expected Sense.Minimize or Sense.Maximize.");
        using DisposeScope scope = NewDisposeScope();
        Tensor worse = sense == Sense.Minimize ? decisions - targets : targets - decisions;
        return scope.MoveToOuter(Reduce((worse * trueCosts).sum(-1), reduction));
    }

    /// <summary>
    /// Listwise recall for rankings (Rolínek et al. 2020): the mean over a row's relevant items of ln(1 + ln(1 + r − r⁺)); see
    /// <see cref="RecallLoss"/>. A row without relevant items has the loss 0.
    /// </summary>
    /// <param name="ranks">Ranks r among all items, 1 for the best.</param>
    /// <param name="relevantRanks">Ranks r⁺ among the relevant items in the same shape; entries of other items do not count.</param>
    /// <param name="relevant">Above 0.5 for relevant items, in the same shape.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static Tensor Recall(Tensor ranks, Tensor relevantRanks, Tensor relevant, nn.Reduction reduction = nn.Reduction.Mean)
    {
        CheckShapes(ranks, relevantRanks, nameof(relevantRanks));
        CheckShapes(ranks, relevant, nameof(relevant));
        using DisposeScope scope = NewDisposeScope();
        Tensor counts = relevant.gt(0.5);
        Tensor before = where(counts, ranks - relevantRanks, zeros_like(ranks)).clamp(min: 0);
        Tensor items = (before.log1p()).log1p().sum(-1);
        return scope.MoveToOuter(Reduce(items / counts.to(ranks.dtype).sum(-1).clamp(min: 1), reduction));
    }

    internal static nn.Reduction CheckReduction(nn.Reduction reduction) =>
        reduction is nn.Reduction.None or nn.Reduction.Mean or nn.Reduction.Sum
            ? reduction
            : throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "Expected None, Mean or Sum.");

    internal static Tensor Reduce(Tensor rows, nn.Reduction reduction) => CheckReduction(reduction) switch
    {
        nn.Reduction.None => rows,
        nn.Reduction.Sum => rows.sum(),
        _ => rows.mean(),
    };

    private static void CheckShapes(Tensor first, Tensor other, string name)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(other, name);
        if (first.dim() == 0 || !first.shape.AsSpan().SequenceEqual(other.shape))
        {
            throw new ArgumentException(
                $"'{name}' has the shape [{string.Join(", ", other.shape)}]; expected that of the decisions, [{string.Join(", ", first.shape)}], with one row or more.", name);
        }
    }
}
