using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Steps that several rules and losses share.</summary>
internal static class RuleHelper
{
    public static void CheckLength(int got, int rows, int dimension, string name)
    {
        if (got != (long)rows * dimension)
            throw new ArgumentException($"'{name}' expects {rows} rows × {dimension} = {(long)rows * dimension} entries, got {got}.", name);
    }

    public static double Positive(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, value, "Expected a positive, finite number.");
        return value;
    }

    public static int Samples(int samples)
    {
        if (samples is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(samples), samples, "Expected 1 to 100000 samples.");
        return samples;
    }

    public static NegativeCosts Defined(NegativeCosts value, string name = "negativeCosts") => value is NegativeCosts.Clamp or NegativeCosts.Refuse
        ? value
        : throw new ArgumentOutOfRangeException(name, value, "Expected NegativeCosts.Clamp or NegativeCosts.Refuse.");

    /// <summary>1 for a minimising solver, −1 for a maximising one.</summary>
    public static int Sign(ICombinatorialSolver solver) => solver.Sense == Sense.Minimize ? 1 : -1;

    /// <summary>Whether a decision with this status is a member of the set.</summary>
    public static bool IsUsable(SolverStatus status) => status is SolverStatus.Solved or SolverStatus.IterationLimit;

    public static bool IsFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                return false;
        }

        return true;
    }

    public static double Inner(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
            sum += (double)left[i] * right[i];
        return sum;
    }

    /// <summary>
    /// Adds the context's noise to each row's costs, once per sample, and solves all of them; the mean goes to the decisions and the
    /// first status without a usable decision, if any, to the row.
    /// </summary>
    public static void SolvePerturbed(ICombinatorialSolver solver, RuleContext context, NegativeCosts negative, int threads)
    {
        int n = context.Dimension, samples = context.Samples;
        Span<float> perturbed = context.Perturbed;
        ReadOnlySpan<float> noise = context.Noise, costs = context.Costs;
        for (int at = 0; at < perturbed.Length; at += n)
        {
            int row = at / (n * samples) * n;
            for (int i = 0; i < n; i++)
                perturbed[at + i] = noise[at + i] + costs[row + i];
        }

        ClampCosts(solver, negative, perturbed, context.Costs, n * samples, n);
        solver.SolveBatch(perturbed, context.Sampled, context.SampledStatuses, threads);
        Average(context, context.Sampled);
    }

    /// <summary>
    /// Sets what a rule made negative to zero; a row whose own costs were negative already is left for the solver to refuse.
    /// </summary>
    public static void ClampCosts(
        ICombinatorialSolver solver, NegativeCosts negative, Span<float> changed, ReadOnlySpan<float> costs, int changedRow, int row)
    {
        if (!solver.NeedsNonnegativeCosts || negative == NegativeCosts.Refuse)
            return;
        for (int start = 0, given = 0; start < changed.Length; start += changedRow, given += row)
        {
            bool wasValid = true;
            foreach (float cost in costs.Slice(given, row))
                wasValid &= cost >= 0;
            if (!wasValid)
                continue;
            foreach (ref float value in changed.Slice(start, changedRow))
                value = value < 0 ? 0 : value;
        }
    }

    private static void Average(RuleContext context, ReadOnlySpan<float> sampled)
    {
        int n = context.Dimension, samples = context.Samples;
        for (int row = 0; row < context.Rows; row++)
        {
            ReadOnlySpan<SolverStatus> statuses = context.SampledStatuses.Slice(row * samples, samples);
            context.Statuses[row] = SolverStatus.Solved;
            foreach (SolverStatus status in statuses)
            {
                if (!IsUsable(status))
                {
                    context.Statuses[row] = status;
                    break;
                }
            }

            for (int i = 0; i < n; i++)
            {
                double sum = 0;
                for (int sample = 0; sample < samples; sample++)
                    sum += sampled[(row * samples + sample) * n + i];
                context.Decisions[row * n + i] = IsUsable(context.Statuses[row]) ? (float)(sum / samples) : 0;
            }
        }
    }
}
