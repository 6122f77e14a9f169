using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="CombinatorialSolverEstimator"/>.</summary>
public sealed class CombinatorialSolverOptions
{
    /// <summary>Largest <see cref="BatchSize"/>.</summary>
    internal const int MaxBatchSize = 1 << 20;

    /// <summary>Name of the column that receives the decisions, a vector of <c>Single</c> of the solver's dimension; default "Decision".</summary>
    public string OutputColumnName { get; set; } = "Decision";

    /// <summary>Name of the column with the costs (values, for a maximising solver), a vector of <c>Single</c> of the solver's dimension; default "Score".</summary>
    public string CostColumnName { get; set; } = "Score";

    /// <summary>What decides. Required. Only the solvers of this library are saved with a model: a user's own code is not.</summary>
    public ICombinatorialSolver? Solver { get; set; }

    /// <summary>Names of the decision's slots. Null (the default): those of the cost column, or y0, y1, … where it has none.</summary>
    public IReadOnlyList<string>? DecisionNames { get; set; }

    /// <summary>
    /// What becomes of a row whose costs the solver does not take or that has no decision: <see cref="RowPolicy.Missing"/> (the default)
    /// or <see cref="RowPolicy.Throw"/>. A decision that a search could not prove best in its limit of nodes
    /// (<see cref="SolverStatus.IterationLimit"/>) is kept under <see cref="RowPolicy.Missing"/>: it is a member of the set.
    /// </summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Missing;

    /// <summary>
    /// Whether to add, for an output column <c>X</c>, <c>XStatus</c>, a key whose values are the names of <see cref="SolverStatus"/>, and
    /// <c>XObjective</c>, the decision's total cost ⟨w, y⟩; default false.
    /// </summary>
    public bool Diagnostics { get; set; }

    /// <summary>Rows that are solved at once; default 1024, 1 to 1,048,576, fewer where a row is long. Results do not depend on it.</summary>
    public int BatchSize { get; set; } = 1024;

    /// <summary>Threads that a batch is spread over; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    internal CombinatorialSolverOptions Copy()
    {
        var copy = (CombinatorialSolverOptions)MemberwiseClone();
        copy.DecisionNames = DecisionNames?.ToArray();
        return copy;
    }

    /// <summary>The solver, after everything was checked.</summary>
    internal ICombinatorialSolver Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        Check.NotEmpty(CostColumnName, nameof(CostColumnName));
        ICombinatorialSolver solver = Check.NotNull(Solver, nameof(Solver));
        if (solver.Dimension < 1)
            throw new ArgumentException($"'{nameof(Solver)}' has a dimension of {solver.Dimension}; expected at least 1.", nameof(Solver));
        if (DecisionNames is { } names)
        {
            if (names.Count != solver.Dimension)
            {
                throw new ArgumentException(
                    $"'{nameof(DecisionNames)}' has {names.Count} names; expected {solver.Dimension}, the solver's dimension.", nameof(DecisionNames));
            }

            foreach (string name in names)
                Check.NotEmpty(name, nameof(DecisionNames));
        }

        if (Policy is not (RowPolicy.Missing or RowPolicy.Throw))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Policy), Policy, $"'{nameof(Policy)}' must be {nameof(RowPolicy.Missing)} or {nameof(RowPolicy.Throw)}: costs are no decision that could be kept.");
        }

        if (BatchSize is < 1 or > MaxBatchSize)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"'{nameof(BatchSize)}' must be from 1 to {MaxBatchSize}.");
        if (Threads is < 0 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, $"'{nameof(Threads)}' must be from 0 (all processors) to 1024.");
        return solver;
    }
}
