using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.Constrained;

/// <summary>What there is to choose for a projection. What is not searched for stays as the estimator's own options say.</summary>
public sealed class ConstrainedProjectionSpace
{
    /// <summary>What becomes of a row whose own limits contradict each other: closest, or as it is.</summary>
    [Choice(RowPolicy.Closest, RowPolicy.KeepInput)]
    public RowPolicy? Policy { get; set; }

    /// <summary>Weights of the metric that distance is measured in, by variable; a variable that is not there has the weight 1.</summary>
    public Dictionary<string, double>? Weights { get; set; }

    /// <summary>The space for a set: the row policy where rows have limits of their own, and each variable's weight but the first's.</summary>
    /// <param name="constraints">The constraints to project onto.</param>
    /// <param name="weightRatio">Weights are searched for from 1/ratio to ratio, on a logarithmic scale; above 1, default 100.</param>
    /// <exception cref="ArgumentException">The ratio is not a finite number above 1.</exception>
    public static SearchSpace<ConstrainedProjectionSpace> For(ConstraintSet constraints, double weightRatio = 100)
    {
        Check.NotNull(constraints, nameof(constraints));
        if (!(weightRatio > 1) || double.IsInfinity(weightRatio))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"'{nameof(weightRatio)}' must be a finite number above 1, got {weightRatio}."), nameof(weightRatio));
        }

        var space = new SearchSpace<ConstrainedProjectionSpace>();
        if (constraints.Columns.Count == 0)
            space.Remove(nameof(Policy));
        if (constraints.Dimension < 2)
            return space;
        var weights = new SearchSpace.SearchSpace();
        foreach (string variable in constraints.Variables.Skip(1))
            weights.Add(variable, new UniformDoubleOption(1 / weightRatio, weightRatio, logBase: true, defaultValue: 1));
        space.Add(nameof(Weights), weights);
        return space;
    }

    /// <summary>The options with what was chosen.</summary>
    internal ConstrainedProjectionOptions Apply(ConstrainedProjectionOptions options)
    {
        ConstrainedProjectionOptions applied = options.Copy();
        applied.Policy = Policy ?? options.Policy;
        if (Weights is { Count: > 0 } weights)
            applied.Weights = [.. options.Constraints!.Variables.Select(v => weights.GetValueOrDefault(v, 1))];
        return applied;
    }
}
