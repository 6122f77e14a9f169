using System;
using System.IO;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Transforms;

/// <summary>Decisions for rows of costs, as columns show them: NaN where there is none.</summary>
internal static class DecisionMaker
{
    /// <summary>Most floats of costs that a batch holds: rows may have millions.</summary>
    private const int MaxBatchValues = 1 << 23;

    /// <summary>Rows at once, given what the options ask for.</summary>
    public static int BatchRows(int asked, int dimension) => Math.Clamp(MaxBatchValues / dimension, 1, asked);

    /// <summary>A solver from a stage's block, whose faults are reported as those of the block.</summary>
    /// <exception cref="FormatException">What is written describes no solver.</exception>
    public static ICombinatorialSolver ReadSolver(BinaryReader reader)
    {
        try
        {
            return SolverFormat.Read(reader);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>Solves every row; a row without a usable status gets NaN.</summary>
    public static void Decide(ICombinatorialSolver solver, ReadOnlySpan<float> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads)
    {
        solver.SolveBatch(costs, decisions, statuses, threads);
        int n = solver.Dimension;
        bool own = solver is CombinatorialSolver;
        for (int row = 0; row < statuses.Length; row++)
        {
            Span<float> decision = decisions.Slice(row * n, n);

            // A user's implementation may claim success and give a NaN, or a status that is none; ours never do.
            if (!own && (!Enum.IsDefined(statuses[row]) || (RuleHelper.IsUsable(statuses[row]) && !RuleHelper.IsFinite(decision))))
                statuses[row] = SolverStatus.NumericalError;
            if (!RuleHelper.IsUsable(statuses[row]))
                decision.Fill(float.NaN);
        }
    }

    /// <summary>⟨w, y⟩ of every row; NaN where there is no decision.</summary>
    public static void Objectives(ReadOnlySpan<float> costs, ReadOnlySpan<float> decisions, Span<float> objectives)
    {
        if (objectives.IsEmpty)
            return;
        int n = costs.Length / objectives.Length;
        for (int row = 0; row < objectives.Length; row++)
        {
            ReadOnlySpan<float> w = costs.Slice(row * n, n), y = decisions.Slice(row * n, n);
            double sum = 0;
            for (int i = 0; i < n; i++)
                sum += (double)w[i] * y[i];
            objectives[row] = float.IsNaN(y[0]) ? float.NaN : (float)sum;
        }
    }
}
