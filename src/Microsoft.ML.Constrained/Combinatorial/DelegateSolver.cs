using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>One problem of a user's own solver.</summary>
/// <param name="costs">Finite costs, <see cref="ICombinatorialSolver.Dimension"/> entries, in the sense of the solver.</param>
/// <param name="decision">Receives the decision; holds zeros on entry.</param>
/// <returns>Whether the decision is exact.</returns>
public delegate SolverStatus CombinatorialSolve(ReadOnlySpan<double> costs, Span<float> decision);

/// <summary>A user's own solver as a delegate, with the checks, threads and batches of the built-in ones.</summary>
/// <remarks>
/// The delegate is called from several threads at once unless batches are solved with one thread; it must depend on the costs only.
/// A decision with a NaN or an infinity gets <see cref="SolverStatus.NumericalError"/>. An exception of the delegate reaches the caller.
/// A model cannot be saved with such a solver, since code is not stored: save the costs' model and put the solver behind it.
/// </remarks>
public sealed class DelegateSolver : CombinatorialSolver
{
    private readonly CombinatorialSolve _solve;

    /// <summary>Wraps a delegate.</summary>
    /// <param name="dimension">Entries of a cost vector and of a decision.</param>
    /// <param name="sense">What the delegate does with ⟨w, y⟩; the backward rules take their sign from it.</param>
    /// <param name="solve">The solver.</param>
    /// <param name="normal">A direction a with ⟨a, y⟩ the same for all decisions, of any positive length; empty when none is known.</param>
    /// <param name="needsNonnegativeCosts">Whether rows with a negative cost are refused before the delegate sees them.</param>
    /// <exception cref="ArgumentException">The direction has the wrong length, or is not finite and non-zero.</exception>
    public DelegateSolver(
        int dimension, Sense sense, CombinatorialSolve solve, ReadOnlySpan<double> normal = default, bool needsNonnegativeCosts = false)
        : base(dimension, sense, needsNonnegativeCosts, Normalised(normal, dimension))
    {
        ArgumentNullException.ThrowIfNull(solve);
        _solve = solve;
    }

    private protected override double CostScale => 1;

    private protected override bool KeepsInexactDecision(SolverStatus status) => status == SolverStatus.IterationLimit;

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        decision.Clear();
        SolverStatus status = _solve(costs, decision);
        if (!Enum.IsDefined(status))
            return SolverStatus.NumericalError;
        if (!RuleHelper.IsUsable(status))
            return status;
        foreach (float value in decision)
        {
            if (!float.IsFinite(value))
                return SolverStatus.NumericalError;
        }

        return status;
    }

    private static double[] Normalised(ReadOnlySpan<double> normal, int dimension)
    {
        if (normal.IsEmpty)
            return [];
        if (normal.Length != dimension)
            throw new ArgumentException($"'normal' expects {dimension} entries or none, got {normal.Length}.", nameof(normal));
        double largest = 0;
        foreach (double value in normal)
            largest = Math.Max(largest, Math.Abs(value));
        if (!(largest > 0 && double.IsFinite(largest)))
            throw new ArgumentException("'normal' expects finite entries, at least one of them not zero.", nameof(normal));
        double square = 0;
        foreach (double value in normal)
            square += value / largest * (value / largest);
        var unit = new double[dimension];
        for (int i = 0; i < dimension; i++)
            unit[i] = normal[i] / largest / Math.Sqrt(square);
        return unit;
    }
}
