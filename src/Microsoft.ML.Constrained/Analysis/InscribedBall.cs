using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// A largest Euclidean ball, in the user's units, inside a set and within its affine hull: maximise r subject to aᵀz + ‖Bᵀa‖ r ≤ b with an
/// orthonormal basis B of the hull's directions, and ‖v‖ + L r ≤ radius for norm blocks, where L is how fast the left side can grow.
/// L is exact in the whole space and for balls over all variables; elsewhere an upper bound, so that the ball found is inside but
/// perhaps not the largest.
/// </summary>
internal sealed class InscribedBall
{
    private const int EnumerationLimit = 10;
    private const double Shrink = 1 - 1e-9;

    private readonly FeasibilityAnalyzer _analyzer;
    private readonly Region _region;
    private readonly List<double[]> _basis;
    private readonly List<(double[] Row, double Bound, double Growth)> _rows = [];
    private readonly List<(double[] Coefficients, double[] Constants, double Growth)> _cones = [];
    private bool _exact = true;

    public InscribedBall(FeasibilityAnalyzer analyzer, bool isBounded)
    {
        _analyzer = analyzer;
        _region = analyzer.Region;
        _basis = UserBasis();
        Dimension = _basis.Count;
        double[] w = _region.Interior;
        if (Dimension > 0)
        {
            AddRows();
            AddCones();
            w = Solve(isBounded);
        }

        ScaledPoint = _region.Hull.Point(w);
        Centre = analyzer.Scaled.Unscale(ScaledPoint);
        IsLargest &= _exact;
    }

    /// <summary>The dimension of the set, without lifted variables.</summary>
    public int Dimension { get; }

    public double[] Centre { get; }

    /// <summary>The centre in scaled coordinates, lifted variables included.</summary>
    public double[] ScaledPoint { get; }

    /// <summary>The radius, measured at the centre; 0 for a single point, +∞ where nothing limits it.</summary>
    public double Radius { get; private set; }

    public bool IsLargest { get; private set; } = true;

    private ScaledSystem Scaled => _analyzer.Scaled;

    /// <summary>Orthonormal directions of the hull in the user's units.</summary>
    private List<double[]> UserBasis()
    {
        int n = Scaled.Dimension;
        var scaled = new List<double[]>();
        foreach (double[] column in _region.Hull.Basis)
            scaled.Add(column[..n]);
        List<double[]> span = AffineHull.Span(scaled);
        int rank = span.Count;
        if (rank == n)
            return [.. AffineHull.Complement(n, [])];

        // Units that differ by many powers of ten would make a rank decision wrong here; the rank is known already.
        var basis = new List<double[]>();
        foreach (double[] direction in span)
        {
            double[] user = new double[n];
            for (int j = 0; j < n; j++)
                user[j] = Scaled.Scale[j] * direction[j];
            double norm = AffineHull.Norm(user);
            basis.Add(Array.ConvertAll(user, v => v / norm));
        }

        return AffineHull.Orthonormalise(basis);
    }

    private void AddRows()
    {
        foreach (RegionRow row in _region.Rows)
        {
            double growth = row.Item is { } item ? Growth(item) : HeightGrowth(row.Cone!);
            _rows.Add((row.Coefficients, row.Bound, growth));
        }
    }

    /// <summary>By how much aᵀz can grow over a unit step in the hull, in the scaled row's units.</summary>
    private double Growth(LinearItem item)
    {
        if (item.Norm >= 0)
            return item.IsNormSum ? item.Factor * NormGrowth(_analyzer.System.Norms[item.Norm]) : 0;
        ReadOnlySpan<double> stated = _analyzer.System.Row(item.Row);
        double square = 0;
        foreach (double[] direction in _basis)
        {
            double share = AffineHull.Dot(stated, direction);
            square += share * share;
        }

        return item.Factor * Math.Sqrt(square);
    }

    private double HeightGrowth(ConeItem cone)
    {
        int height = _analyzer.System.Norms[cone.Norm].Height;
        double square = 0;
        foreach (double[] direction in _basis)
            square += height < 0 ? 0 : direction[height] * direction[height];
        return cone.Factor * Math.Sqrt(square);
    }

    /// <summary>The largest ‖Bᵀ(σ, −1)‖ over signs σ of an L1 block's variables and −1 for its height.</summary>
    private double NormGrowth(NormBlock block)
    {
        int count = block.Variables.Length;
        if (_basis.Count == Scaled.Dimension)
            return Math.Sqrt(count + (block.Height < 0 ? 0 : 1));
        if (count > EnumerationLimit)
        {
            _exact = false;
            return Math.Sqrt(count + (block.Height < 0 ? 0 : 1));
        }

        double least = double.PositiveInfinity, largest = 0;
        for (int signs = 0; signs < 1 << count; signs++)
        {
            double square = 0;
            foreach (double[] direction in _basis)
            {
                double share = block.Height < 0 ? 0 : -direction[block.Height];
                for (int i = 0; i < count; i++)
                    share += ((signs >> i) & 1) == 0 ? direction[block.Variables[i]] : -direction[block.Variables[i]];
                square += share * share;
            }

            (least, largest) = (Math.Min(least, square), Math.Max(largest, square));
        }

        _exact &= least > (1 - 1e-9) * largest;
        return Math.Sqrt(largest);
    }

    private void AddCones()
    {
        int d = _region.Dimension;
        foreach (RegionCone cone in _region.Cones)
        {
            NormBlock block = _analyzer.System.Norms[cone.Item.Norm];
            bool constantHeight = AffineHull.Norm(cone.Coefficients.AsSpan(0, d)) <=
                AffineHull.RankTolerance * AffineHull.Norm(cone.Coefficients);
            if (constantHeight)
            {
                _exact &= IsIsometric(block);
                AddBall(cone);
                continue;
            }

            _exact &= _basis.Count == Scaled.Dimension && Array.IndexOf(block.Variables, block.Height) < 0;
            double growth = Array.IndexOf(block.Variables, block.Height) < 0 ? Math.Sqrt(2) : 2;
            _cones.Add((cone.Coefficients, cone.Constants, growth * cone.Item.Factor));
        }
    }

    /// <summary>‖v‖² = ‖Uᵀv‖² + constant, with a basis U of what v can do in the hull: the constant comes off the radius.</summary>
    private void AddBall(RegionCone cone)
    {
        int d = _region.Dimension, size = cone.Constants.Length - 1;
        var columns = new List<double[]>();
        for (int k = 0; k < d; k++)
        {
            double[] column = new double[size];
            for (int i = 0; i < size; i++)
                column[i] = cone.Coefficients[(i + 1) * d + k];
            columns.Add(column);
        }

        List<double[]> span = AffineHull.Span(columns);
        double[] fixedPart = cone.Constants[1..], constants = new double[1 + span.Count];
        double[] coefficients = new double[constants.Length * d];
        for (int i = 0; i < span.Count; i++)
        {
            constants[i + 1] = AffineHull.Dot(span[i], cone.Constants.AsSpan(1));
            AffineHull.AddScaled(-constants[i + 1], span[i], fixedPart);
            for (int k = 0; k < d; k++)
                coefficients[(i + 1) * d + k] = AffineHull.Dot(span[i], columns[k]);
        }

        double outside = AffineHull.Norm(fixedPart), radius = cone.Constants[0];
        constants[0] = Math.Sqrt(Math.Max(0, radius - outside)) * Math.Sqrt(Math.Max(0, radius + outside));
        _cones.Add((coefficients, constants, cone.Item.Factor));
    }

    /// <summary>Whether the hull's directions keep their length, or vanish, when cut down to the block's variables.</summary>
    private bool IsIsometric(NormBlock block)
    {
        foreach (double[] a in _basis)
        {
            // P = BᵀEB is a projection exactly where PP = P; column by column.
            double[] cut = new double[a.Length], image = new double[_basis.Count];
            foreach (int j in block.Variables)
                cut[j] = a[j];
            double[] back = new double[a.Length];
            for (int k = 0; k < _basis.Count; k++)
            {
                image[k] = AffineHull.Dot(_basis[k], cut);
                AffineHull.AddScaled(image[k], _basis[k], back);
            }

            double[] again = new double[a.Length];
            foreach (int j in block.Variables)
                again[j] = back[j];
            for (int k = 0; k < _basis.Count; k++)
            {
                if (Math.Abs(AffineHull.Dot(_basis[k], again) - image[k]) > 1e-8)
                    return false;
            }
        }

        return true;
    }

    private double[] Solve(bool isBounded)
    {
        double unit = 0;
        foreach ((_, _, double growth) in _rows)
            unit = Math.Max(unit, growth);
        foreach ((_, _, double growth) in _cones)
            unit = Math.Max(unit, growth);
        if (unit == 0)
        {
            (Radius, IsLargest) = (double.PositiveInfinity, true);
            return _region.Interior;
        }

        double[] w;
        if (isBounded)
        {
            w = Largest(1 / unit, cap: double.PositiveInfinity, out _);
        }
        else
        {
            // The largest balls of an unbounded set reach arbitrarily far out: take one of that size nearest to the origin.
            bool endless = Boundedness.HasOpenRecession(_region);
            w = Largest(1 / unit, endless ? 1 : double.PositiveInfinity, out double radius);
            IsLargest = !endless;
            w = Nearest(Shrink * Math.Min(radius, Measure(w)), w);
        }

        Radius = Math.Max(0, Measure(w));
        if (Radius > 0)
            return w;
        Radius = Math.Max(0, Measure(_region.Interior));
        return _region.Interior;
    }

    private double[] Largest(double unit, double cap, out double radius)
    {
        int d = _region.Dimension;
        bool capped = double.IsFinite(cap);
        (double[] g, double[] h, int[] sizes) = Program(d + 1, capped ? 2 : 1, unit);
        int last = _rows.Count;
        g[last * (d + 1) + d] = -1;
        if (capped)
            (g[(last + 1) * (d + 1) + d], h[last + 1]) = (1, cap);
        double[] p = new double[d + 1];
        p[d] = -1;
        var solver = new ConicSolver(d + 1, 0, last + (capped ? 2 : 1), sizes);
        SolverStatus status = solver.Solve([], p, [], [], g, h, FeasibilityAnalyzer.Precise(sizes.Length > 0));
        if (status is SolverStatus.PrimalInfeasible or SolverStatus.DualInfeasible)
        {
            (radius, IsLargest) = (0, false);
            return _region.Interior;
        }

        IsLargest &= status == SolverStatus.Solved;
        radius = solver.Z[d] * unit;
        return solver.Z[..d].ToArray();
    }

    /// <summary>The centre of a ball of the given radius nearest to the projection of the origin onto the hull.</summary>
    private double[] Nearest(double radius, double[] fallback)
    {
        int d = _region.Dimension;
        (double[] g, double[] h, int[] sizes) = Program(d, 0, 0);
        for (int i = 0; i < _rows.Count; i++)
            h[i] -= _rows[i].Growth * radius;
        int offset = _rows.Count;
        foreach ((_, double[] constants, double growth) in _cones)
        {
            h[offset] -= growth * radius;
            offset += constants.Length;
        }

        double[] q = new double[d * d], target = _region.Hull.Reduce(_region.Hull.Origin);
        for (int k = 0; k < d; k++)
            q[k * d + k] = 1;
        var solver = new ConicSolver(d, 0, _rows.Count, sizes);
        return solver.Solve(q, target, [], [], g, h) == SolverStatus.Solved && Measure(solver.Z) > 0 ? solver.Z.ToArray() : fallback;
    }

    /// <summary>The rows and cones; with a last column for the radius in the given unit unless that is 0; with some rows left
    /// free.</summary>
    private (double[] G, double[] H, int[] Sizes) Program(int columns, int extraRows, double unit)
    {
        int d = _region.Dimension, orthant = _rows.Count + extraRows, total = orthant;
        foreach ((_, double[] constants, _) in _cones)
            total += constants.Length;
        double[] g = new double[total * columns], h = new double[total];
        for (int i = 0; i < _rows.Count; i++)
        {
            _rows[i].Row.CopyTo(g, i * columns);
            h[i] = _rows[i].Bound;
            if (columns > d)
                g[i * columns + d] = unit * _rows[i].Growth;
        }

        int offset = orthant;
        foreach ((double[] coefficients, double[] constants, double growth) in _cones)
        {
            for (int i = 0; i < constants.Length; i++)
            {
                h[offset + i] = constants[i];
                for (int k = 0; k < d; k++)
                    g[(offset + i) * columns + k] = -coefficients[i * d + k];
            }

            if (columns > d)
                g[offset * columns + d] = unit * growth;
            offset += constants.Length;
        }

        return (g, h, [.. _cones.ConvertAll(c => c.Constants.Length)]);
    }

    /// <summary>The largest radius that every row and cone leaves at a point.</summary>
    private double Measure(ReadOnlySpan<double> w)
    {
        double radius = double.PositiveInfinity;
        foreach ((double[] row, double bound, double growth) in _rows)
        {
            double slack = bound - AffineHull.Dot(w, row);
            radius = Math.Min(radius, growth > 0 ? slack / growth : slack < -FeasibilityAnalyzer.Tolerance ? -1 : radius);
        }

        foreach ((double[] coefficients, double[] constants, double growth) in _cones)
        {
            double square = 0, first = 0;
            for (int i = 0; i < constants.Length; i++)
            {
                double value = constants[i] + AffineHull.Dot(w, coefficients.AsSpan(i * w.Length, w.Length));
                if (i == 0)
                    first = value;
                else
                    square += value * value;
            }

            radius = Math.Min(radius, (first - Math.Sqrt(square)) / growth);
        }

        return radius;
    }
}
