using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// Which constraints, or which single rows, can be left out without changing a nonempty set. Candidates are tried from the last to the
/// first and left out as they are found, so all of them can go together. A row is implied when its left side, maximised over the rest,
/// stays within its bound; a row that some ray from the interior meets first, and alone, is not. For L2 balls and cones only sufficient
/// tests are made (a ball inside a ball, a bounding box), since the exact question is not convex.
/// </summary>
internal sealed class Redundancy
{
    private const int FacetLimit = 8;

    private readonly FeasibilityAnalyzer _analyzer;
    private readonly ScaledSystem _system;
    private readonly double[] _parameters;
    private readonly HashSet<object> _needed = [];
    private HashSet<object> _removed = [];
    private Region _region;

    public Redundancy(FeasibilityAnalyzer analyzer, double[] parameters)
    {
        _analyzer = analyzer;
        _system = analyzer.Scaled;
        _parameters = parameters;
        _region = analyzer.Region;
        ShootRays();
    }

    /// <summary>Indices of whole constraints that can go, ascending.</summary>
    public List<int> Constraints()
    {
        Restart();
        var redundant = new List<int>();
        for (int owner = _analyzer.OwnerCount - 1; owner >= 0; owner--)
        {
            List<LinearItem> items = _system.Items.FindAll(i => i.Owner == owner);
            List<ConeItem> cones = _system.Cones.FindAll(c => c.Owner == owner);
            if (items.Count + cones.Count > 0 && TryRemove(items, cones))
                redundant.Insert(0, owner);
        }

        return redundant;
    }

    /// <summary>Single rows' sides that can go, in the order of the rows.</summary>
    public List<LinearItem> Rows()
    {
        Restart();
        var redundant = new List<LinearItem>();
        for (int i = _system.Items.Count - 1; i >= 0; i--)
        {
            LinearItem item = _system.Items[i];
            if (item.Row >= 0 && TryRemove([item], []))
                redundant.Insert(0, item);
        }

        return redundant;
    }

    private void Restart()
    {
        _removed = [];
        _region = _analyzer.Region;
    }

    private bool TryRemove(List<LinearItem> items, List<ConeItem> cones)
    {
        if (items.Exists(_needed.Contains))
            return false;
        var candidates = new HashSet<object>(_removed);
        candidates.UnionWith(items);
        candidates.UnionWith(cones);
        bool participates = items.Exists(_region.Participants.Contains) || cones.Exists(_region.Participants.Contains);
        Region region = !participates ? _region : Region.Reduce(
            _system, _system.Items.FindAll(i => !candidates.Contains(i)), _system.Cones.FindAll(c => !candidates.Contains(c)));
        foreach (LinearItem item in items)
        {
            if (item.Norm < 0 && !IsImplied(region, candidates, item))
                return false;
            if (item.IsNormSum && !IsBallImplied(region, candidates, item))
                return false;
        }

        foreach (ConeItem cone in cones)
        {
            if (!IsConeImplied(region, candidates, cone))
                return false;
        }

        _removed = candidates;
        _region = region;
        return true;
    }

    private bool IsImplied(Region region, HashSet<object> without, LinearItem item)
    {
        double[] row = region.Hull.Reduce(item.Coefficients);
        double slack = item.Slack(region.Hull.Origin);
        if (AffineHull.Norm(row) <= AffineHull.RankTolerance * Math.Max(1e-300, AffineHull.Norm(item.Coefficients)))
            return item.IsEquality ? Math.Abs(slack) <= FeasibilityAnalyzer.TightTolerance : slack >= -FeasibilityAnalyzer.TightTolerance;
        return !item.IsEquality && Maximum(region, without, row, slack) <= slack + FeasibilityAnalyzer.Tolerance;
    }

    /// <summary>The largest aᵀw over the region without some items, or <paramref name="enough"/> + 1 where it reaches that.</summary>
    private static double Maximum(Region region, HashSet<object> without, double[] row, double enough)
    {
        List<RegionRow> rows = region.Rows.FindAll(r => !without.Contains((object?)r.Item ?? r.Cone!));
        List<RegionCone> cones = region.Cones.FindAll(c => !without.Contains(c.Item));
        int d = region.Dimension, orthant = rows.Count + 1, total = orthant;
        cones.ForEach(c => total += c.Constants.Length);
        double[] g = new double[total * d], h = new double[total];
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].Coefficients.CopyTo(g, i * d);
            h[i] = rows[i].Bound;
        }

        row.CopyTo(g, rows.Count * d);
        h[rows.Count] = enough + 1;
        int offset = orthant;
        foreach (RegionCone cone in cones)
        {
            for (int i = 0; i < cone.Coefficients.Length; i++)
                g[offset * d + i] = -cone.Coefficients[i];
            cone.Constants.CopyTo(h, offset);
            offset += cone.Constants.Length;
        }

        var solver = new ConicSolver(d, 0, orthant, [.. cones.ConvertAll(c => c.Constants.Length)]);
        SolverStatus status = solver.Solve(
            [], Array.ConvertAll(row, v => -v), [], [], g, h, FeasibilityAnalyzer.Precise(cones.Count > 0));

        // A solve that did not end well proves nothing: the row stays.
        bool good = status == SolverStatus.Solved || (status == SolverStatus.NumericalError && Math.Abs(solver.Gap) <= 1e-10);
        return good ? -solver.Objective : double.PositiveInfinity;
    }

    /// <summary>An L1 ball: every facet σᵀv ≤ radius + height for few variables, the box around the rest for many.</summary>
    private bool IsBallImplied(Region region, HashSet<object> without, LinearItem sum)
    {
        NormBlock block = _analyzer.System.Norms[sum.Norm];
        if (IsInsideAnother(without, sum.Norm))
            return true;
        int count = block.Variables.Length;
        if (count > FacetLimit)
            return IsBoxInside(region, without, block, euclidean: false);
        double radius = block.EvaluateRadius(_parameters);
        for (int signs = 0; signs < 1 << count; signs++)
        {
            double[] facet = new double[_system.Dimension];
            double bound = radius;
            for (int i = 0; i < count; i++)
            {
                double sign = ((signs >> i) & 1) == 0 ? 1 : -1;
                facet[block.Variables[i]] += sign;
                bound += sign * block.Centre[i];
            }

            if (block.Height >= 0)
                facet[block.Height] -= 1;
            if (!IsImplied(region, without, UserRow(facet, bound)))
                return false;
        }

        return true;
    }

    private bool IsConeImplied(Region region, HashSet<object> without, ConeItem cone) =>
        IsInsideAnother(without, cone.Norm) || IsBoxInside(region, without, _analyzer.System.Norms[cone.Norm], euclidean: true);

    /// <summary>Whether a block that stays, over the same variables, implies this one: ‖c − c′‖ + r′ ≤ r.</summary>
    private bool IsInsideAnother(HashSet<object> without, int norm)
    {
        NormBlock block = _analyzer.System.Norms[norm];
        double radius = block.EvaluateRadius(_parameters);
        for (int k = 0; k < _analyzer.System.Norms.Count; k++)
        {
            NormBlock other = _analyzer.System.Norms[k];
            object item = (object?)_system.Cones.Find(c => c.Norm == k) ?? _system.Items.Find(i => i.Norm == k && i.IsNormSum)!;
            if (k == norm || without.Contains(item) || other.Height != block.Height ||
                !other.Variables.AsSpan().SequenceEqual(block.Variables))
                continue;

            // ‖·‖₂ ≤ ‖·‖₁, so an L1 ball may imply an L2 ball but not the other way round.
            if (block.Norm == Norm.L1 && other.Norm != Norm.L1)
                continue;
            double apart = 0;
            for (int i = 0; i < block.Centre.Length; i++)
            {
                double difference = block.Centre[i] - other.Centre[i];
                apart += block.Norm == Norm.L1 ? Math.Abs(difference) : difference * difference;
            }

            double limit = other.EvaluateRadius(_parameters) + (block.Norm == Norm.L1 ? apart : Math.Sqrt(apart));
            if (limit <= radius + FeasibilityAnalyzer.Tolerance * Math.Abs(radius))
                return true;
        }

        return false;
    }

    /// <summary>Whether the norm of the box around v stays below the least radius + height.</summary>
    private bool IsBoxInside(Region region, HashSet<object> without, NormBlock block, bool euclidean)
    {
        double least = block.EvaluateRadius(_parameters);
        if (block.Height >= 0)
        {
            double[] height = new double[_system.Dimension];
            height[block.Height] = -1;
            double? lowest = UserMaximum(region, without, height, -least);
            if (lowest is null)
                return false;
            least -= lowest.Value;
        }

        double sum = 0;
        for (int i = 0; i < block.Variables.Length; i++)
        {
            double largest = 0;
            for (int sign = -1; sign <= 1; sign += 2)
            {
                double[] row = new double[_system.Dimension];
                row[block.Variables[i]] = sign;
                double? value = UserMaximum(region, without, row, least + sign * block.Centre[i]);
                if (value is null)
                    return false;
                largest = Math.Max(largest, value.Value - sign * block.Centre[i]);
            }

            sum += euclidean ? largest * largest : largest;
        }

        return (euclidean ? Math.Sqrt(sum) : sum) <= least + FeasibilityAnalyzer.Tolerance * Math.Abs(least);
    }

    /// <summary>The largest aᵀz, or null where it exceeds the limit.</summary>
    private double? UserMaximum(Region region, HashSet<object> without, double[] row, double limit)
    {
        LinearItem item = UserRow(row, limit);
        double[] reduced = region.Hull.Reduce(item.Coefficients);
        double slack = item.Slack(region.Hull.Origin);
        double maximum = AffineHull.Norm(reduced) <= AffineHull.RankTolerance * AffineHull.Norm(item.Coefficients)
            ? 0 : Maximum(region, without, reduced, slack);
        return maximum > slack + FeasibilityAnalyzer.Tolerance ? null : limit - (slack - maximum) / item.Factor;
    }

    /// <summary>A row over the user's variables in scaled form.</summary>
    private LinearItem UserRow(double[] row, double bound)
    {
        double[] coefficients = new double[_system.Total];
        double size = Math.Abs(bound);
        for (int j = 0; j < row.Length; j++)
        {
            coefficients[j] = row[j] * _system.Scale[j];
            size = Math.Max(size, Math.Abs(coefficients[j]));
        }

        double factor = size > 0 ? 1 / size : 1;
        return new LinearItem
        {
            Coefficients = Array.ConvertAll(coefficients, v => v * factor), Bound = bound * factor, Factor = factor, Owner = -1,
        };
    }

    /// <summary>Marks rows that bound the set: a ray from the interior along a row's normal meets some row first.</summary>
    private void ShootRays()
    {
        Region region = _analyzer.Region;
        if (region.Dimension == 0 || !(region.Room > 1e-6) || region.Cones.Count > 0)
            return;
        int count = region.Rows.Count;
        double[] slack = new double[count];
        for (int i = 0; i < count; i++)
            slack[i] = region.Rows[i].Bound - AffineHull.Dot(region.Rows[i].Coefficients, region.Interior);
        foreach (RegionRow towards in region.Rows)
        {
            double first = double.PositiveInfinity, second = first;
            int hit = -1;
            for (int i = 0; i < count; i++)
            {
                double speed = AffineHull.Dot(region.Rows[i].Coefficients, towards.Coefficients);
                double time = speed > 0 ? slack[i] / speed : double.PositiveInfinity;
                if (time < first)
                    (second, first, hit) = (first, time, i);
                else
                    second = Math.Min(second, time);
            }

            if (hit >= 0 && region.Rows[hit].Item is { Row: >= 0 } item && second > first * (1 + 1e-5))
                _needed.Add(item);
        }
    }
}
