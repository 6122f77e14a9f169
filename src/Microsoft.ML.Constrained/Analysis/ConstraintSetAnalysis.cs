using System;
using System.Collections.Generic;
using System.Text;
using Microsoft.ML.Constrained.Analysis;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

/// <summary>Analysis of a <see cref="ConstraintSet"/>: whether any point satisfies it, and what the set of those points is like.</summary>
public static class ConstraintSetAnalysis
{
    /// <summary>
    /// Looks whether the set is empty (then for a smallest conflict), for an interior point, implied equalities, redundant constraints
    /// and directions in which the set is unbounded.
    /// </summary>
    /// <param name="set">The constraints.</param>
    /// <param name="parameters">A value for each of <see cref="ConstraintSet.Columns"/>, in that order; empty where right-hand sides are
    /// constant.</param>
    /// <returns>The report; it does not change.</returns>
    /// <exception cref="ArgumentException">The right-hand sides use columns that were not given, or a value is NaN or infinite.</exception>
    /// <remarks>Takes a few dense linear or second-order cone programs; the redundant constraints, worked out on first use, one for
    /// each row that is not seen to be needed otherwise.</remarks>
    public static FeasibilityReport Analyze(this ConstraintSet set, ReadOnlySpan<double> parameters = default)
    {
        FeasibilityAnalyzer analyzer = NewAnalyzer(set, parameters);
        if (analyzer.IsEmpty)
        {
            var search = new ConflictSearch(analyzer);
            return new FeasibilityReport(set.Variables, () => ([], []))
            {
                IsEmpty = true,
                Conflict = Names(set, search.Conflict),
                IsConflictSmallest = search.IsSmallest,
            };
        }

        double[] kept = parameters.ToArray();
        Region region = analyzer.Region;
        double[]? direction = Boundedness.RecessionDirection(region);
        var ball = new InscribedBall(analyzer, isBounded: direction is null);
        return new FeasibilityReport(set.Variables, () => FindRedundant(set, analyzer, kept))
        {
            InteriorPoint = Array.AsReadOnly(ball.Centre),
            Radius = ball.Radius,
            IsRadiusLargest = ball.IsLargest,
            Dimension = ball.Dimension,
            IsBounded = direction is null,
            RecessionDirection = direction is null ? [] : Array.AsReadOnly(UserDirection(analyzer, direction)),
            ImpliedEqualities = Names(set, TightOwners(analyzer)),
            ImpliedEqualityRows = Rows(set, analyzer, analyzer.Scaled.Items.FindAll(i => i.Row >= 0 && region.Tight.Contains(i))),
        };
    }

    /// <summary>
    /// The names of a smallest conflict alone, or an empty list where some point satisfies every constraint: what <see cref="Analyze"/>
    /// says in
    /// <see cref="FeasibilityReport.Conflict"/>, for one linear or cone program where the set is not empty.
    /// </summary>
    /// <param name="set">The constraints.</param>
    /// <param name="parameters">A value for each of <see cref="ConstraintSet.Columns"/>, in that order; empty where right-hand sides are
    /// constant.</param>
    /// <exception cref="ArgumentException">The right-hand sides use columns that were not given, or a value is NaN or infinite.</exception>
    public static IReadOnlyList<string> FindConflict(this ConstraintSet set, ReadOnlySpan<double> parameters = default)
    {
        FeasibilityAnalyzer analyzer = NewAnalyzer(set, parameters);
        return analyzer.IsEmpty ? Names(set, new ConflictSearch(analyzer).Conflict) : [];
    }

    private static FeasibilityAnalyzer NewAnalyzer(ConstraintSet set, ReadOnlySpan<double> parameters)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (parameters.Length != set.Columns.Count)
        {
            string columns = set.Columns.Count == 0 ? "no columns" : $"the columns '{string.Join("', '", set.Columns)}'";
            throw new ArgumentException(
                $"The right-hand sides of the constraint set use {columns}, but {parameters.Length} values were given. " +
                "Give Analyze one value for each, in that order.",
                nameof(parameters));
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            if (!double.IsFinite(parameters[i]))
            {
                throw new ArgumentException(
                    $"The value given for column '{set.Columns[i]}' is {NameText.Number(parameters[i])}. Give a finite number.",
                    nameof(parameters));
            }
        }

        return new FeasibilityAnalyzer(set.Lower(), parameters);
    }

    private static (IReadOnlyList<string> Constraints, IReadOnlyList<ConstraintRow> Rows) FindRedundant(
        ConstraintSet set, FeasibilityAnalyzer analyzer, double[] parameters)
    {
        var redundancy = new Redundancy(analyzer, parameters);
        return (Names(set, redundancy.Constraints()), Rows(set, analyzer, redundancy.Rows()));
    }

    private static IReadOnlyList<string> Names(ConstraintSet set, List<int> owners) =>
        Array.AsReadOnly(owners.ConvertAll(o => set.Constraints[o].Name).ToArray());

    /// <summary>Constraints that are no equalities, with a tight side in every row and every norm tight.</summary>
    private static List<int> TightOwners(FeasibilityAnalyzer analyzer)
    {
        var state = new SortedDictionary<int, bool>();
        var rows = new Dictionary<int, bool>();
        foreach (LinearItem item in analyzer.Scaled.Items)
        {
            bool tight = item.IsEquality || analyzer.Region.Tight.Contains(item);
            if (item.Row >= 0)
                rows[item.Row] = tight || rows.GetValueOrDefault(item.Row);
            else if (item.IsNormSum)
                state[item.Owner] = tight && state.GetValueOrDefault(item.Owner, true);
        }

        foreach (ConeItem cone in analyzer.Scaled.Cones)
            state[cone.Owner] = analyzer.Region.Tight.Contains(cone) && state.GetValueOrDefault(cone.Owner, true);
        var equalities = new HashSet<int>();
        foreach (LinearItem item in analyzer.Scaled.Items)
        {
            if (item.Row < 0)
                continue;
            state[item.Owner] = rows[item.Row] && state.GetValueOrDefault(item.Owner, true);
            if (!item.IsEquality)
                equalities.Add(item.Owner);
        }

        var owners = new List<int>();
        foreach ((int owner, bool tight) in state)
        {
            bool stated = !equalities.Contains(owner) && !analyzer.Scaled.Cones.Exists(c => c.Owner == owner) &&
                !analyzer.Scaled.Items.Exists(i => i.Owner == owner && i.Norm >= 0);
            if (tight && !stated)
                owners.Add(owner);
        }

        return owners;
    }

    private static IReadOnlyList<ConstraintRow> Rows(ConstraintSet set, FeasibilityAnalyzer analyzer, List<LinearItem> items)
    {
        ConstraintSystem system = analyzer.System;
        var rows = new ConstraintRow[items.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            LinearItem item = items[i];
            int first = Array.IndexOf(system.RowOwner, item.Owner);
            rows[i] = new ConstraintRow(set.Constraints[item.Owner].Name, item.Row - first, Describe(set, system, item));
        }

        return Array.AsReadOnly(rows);
    }

    private static string Describe(ConstraintSet set, ConstraintSystem system, LinearItem item)
    {
        var text = new StringBuilder();
        ReadOnlySpan<double> row = system.Row(item.Row);
        for (int j = 0; j < row.Length; j++)
        {
            if (row[j] != 0)
                NameText.AppendTerm(text, row[j], NameText.Quote(set.Variables[j]));
        }

        double bound = item.Bound / item.Factor;
        text.Append(text.Length == 0 ? "0" : "").Append(item.IsEquality ? " = " : item.IsUpper ? " <= " : " >= ");
        return text.Append(NameText.Number(item.IsUpper ? bound : 0 - bound)).ToString();
    }

    private static double[] UserDirection(FeasibilityAnalyzer analyzer, double[] w)
    {
        double[] y = new double[analyzer.Scaled.Total];
        for (int k = 0; k < w.Length; k++)
            AffineHull.AddScaled(w[k], analyzer.Region.Hull.Basis[k], y);
        double[] direction = analyzer.Scaled.Unscale(y);
        double norm = AffineHull.Norm(direction);
        return Array.ConvertAll(direction, v => v / norm);
    }
}
