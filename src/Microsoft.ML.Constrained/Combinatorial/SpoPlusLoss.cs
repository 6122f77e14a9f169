using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The SPO+ loss (Elmachtoub and Grigas 2022), a convex upper bound of the regret of deciding by predicted costs ĉ when the true costs
/// are c and their decision is y*: for argmin −min⟨2ĉ − c, y⟩ + 2⟨ĉ, y*⟩ − ⟨c, y*⟩ with the subgradient 2 (y* − y(2ĉ − c)); for argmax
/// max⟨2ĉ − c, y⟩ − 2⟨ĉ, y*⟩ + ⟨c, y*⟩ with the opposite sign.
/// </summary>
/// <remarks>
/// One solver call per row gives the loss and its gradient; there is no backward pass. 2ĉ − c may be negative where ĉ and c are not:
/// with <see cref="NegativeCosts.Refuse"/> such rows get <see cref="SolverStatus.InvalidInput"/>, with
/// <see cref="NegativeCosts.Clamp"/> a loss that is no longer exactly SPO+.
/// </remarks>
public sealed class SpoPlusLoss
{
    /// <summary>States what happens to 2ĉ − c below zero.</summary>
    /// <param name="negativeCosts">What becomes of such costs where the solver takes none.</param>
    public SpoPlusLoss(NegativeCosts negativeCosts = NegativeCosts.Clamp)
    {
        NegativeCosts = RuleHelper.Defined(negativeCosts);
    }

    /// <summary>What becomes of negative entries of 2ĉ − c where the solver takes none.</summary>
    public NegativeCosts NegativeCosts { get; }

    /// <summary>Solver calls per row.</summary>
    public int SolverCalls => 1;

    /// <summary>Loss and subgradient of every row.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="predicted">The predicted costs ĉ, rows × dimension.</param>
    /// <param name="trueCosts">The true costs c in the same layout.</param>
    /// <param name="targets">The decisions y* for the true costs in the same layout.</param>
    /// <param name="losses">Receives each row's loss; 0 where the row could not be solved.</param>
    /// <param name="costGradient">Receives each row's subgradient with respect to ĉ; 0 where the row could not be solved.</param>
    /// <param name="statuses">Receives each row's status; its length is the number of rows.</param>
    /// <param name="context">Working memory, to be reused from step to step.</param>
    /// <param name="threads">The most threads to use; 0 for one per processor.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public void Evaluate(
        ICombinatorialSolver solver, ReadOnlySpan<float> predicted, ReadOnlySpan<float> trueCosts, ReadOnlySpan<float> targets,
        Span<float> losses, Span<float> costGradient, Span<SolverStatus> statuses, RuleContext context, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(context);
        int n = solver.Dimension, rows = statuses.Length, sign = RuleHelper.Sign(solver);
        RuleHelper.CheckLength(predicted.Length, rows, n, nameof(predicted));
        RuleHelper.CheckLength(trueCosts.Length, rows, n, nameof(trueCosts));
        RuleHelper.CheckLength(targets.Length, rows, n, nameof(targets));
        RuleHelper.CheckLength(costGradient.Length, rows, n, nameof(costGradient));
        RuleHelper.CheckLength(losses.Length, rows, 1, nameof(losses));
        context.Begin(rows, n, 1, predicted);
        Span<float> turned = context.Perturbed;
        for (int i = 0; i < turned.Length; i++)
            turned[i] = 2 * predicted[i] - trueCosts[i];
        RuleHelper.ClampCosts(solver, NegativeCosts, turned, predicted, n, n);
        solver.SolveBatch(turned, context.Decisions, statuses, threads);
        costGradient.Clear();
        losses.Clear();
        for (int row = 0; row < rows; row++)
        {
            if (!RuleHelper.IsUsable(statuses[row]))
                continue;
            ReadOnlySpan<float> target = targets.Slice(row * n, n), decision = context.Decisions.Slice(row * n, n);
            double right = RuleHelper.Inner(turned.Slice(row * n, n), target);
            losses[row] = (float)(sign * (right - RuleHelper.Inner(turned.Slice(row * n, n), decision)));
            for (int i = 0; i < n; i++)
                costGradient[row * n + i] = 2 * sign * (target[i] - decision[i]);
        }
    }
}
