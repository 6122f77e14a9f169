using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// A nonempty set of items, reduced to where it has an interior: the affine hull {y₀ + N w}, and the inequalities that still vary on
/// it, all of which hold strictly at <see cref="Interior"/>. Which items hold with equality everywhere comes out on the way: where the
/// best room t is zero, every item with a positive multiplier in Σλᵢ(bᵢ − aᵢᵀw) = 0 must (facial reduction; Borwein and Wolkowicz 1981).
/// </summary>
internal sealed class Region
{
    private const double Support = 1e-3;

    private readonly ScaledSystem _system;
    private readonly List<double[]> _equations = [];
    private readonly List<double> _bounds = [];

    // Those of cones hold to the accuracy of the multipliers that they are made of.
    private readonly List<double[]> _coneEquations = [];
    private readonly List<double> _coneBounds = [];
    private readonly HashSet<ConeItem> _flat = [];
    private readonly HashSet<ConeItem> _apex = [];

    private Region(ScaledSystem system, AffineHull hull)
    {
        _system = system;
        Hull = hull;
    }

    public AffineHull Hull { get; private set; }

    /// <summary>The dimension of the hull.</summary>
    public int Dimension => Hull.Basis.Length;

    /// <summary>The inequalities that vary on the hull: aᵀw ≤ b. A cone that the set touches in one ray only is a row, s₀ ≥ 0.</summary>
    public List<RegionRow> Rows { get; } = [];

    /// <summary>The cones that vary on the hull: s(w) = C w + k.</summary>
    public List<RegionCone> Cones { get; } = [];

    /// <summary>Items that hold with equality everywhere (other than stated equalities).</summary>
    public HashSet<object> Tight { get; } = [];

    /// <summary>Items that the hull was worked out from; without one of them it might be larger.</summary>
    public HashSet<object> Participants { get; } = [];

    /// <summary>A point w with room in every row and cone.</summary>
    public double[] Interior { get; private set; } = [];

    /// <summary>The room there, in the scaled rows' units.</summary>
    public double Room { get; private set; }

    /// <summary>Reduces items that are known to have a common point; the hull's origin is its point nearest to zero, so that it keeps
    /// its digits.</summary>
    public static Region Reduce(ScaledSystem system, List<LinearItem> items, List<ConeItem> cones)
    {
        double[] near = new double[system.Total];
        var region = new Region(system, AffineHull.Everything(system.Total, near));
        foreach (LinearItem item in items)
        {
            if (!item.IsEquality)
                continue;
            region._equations.Add(item.Coefficients);
            region._bounds.Add(item.Bound);
            region.Participants.Add(item);
        }

        for (int round = 0; round <= system.Total + 1; round++)
        {
            region.Hull = AffineHull.FromEquations(
                system.Total, region._equations, region._bounds, region._coneEquations, region._coneBounds, near);
            region.Restrict(items, cones);
            if (!region.FindTight())
                break;
        }

        region.FindConstantTight(items, cones);
        return region;
    }

    /// <summary>Writes the items over the hull, leaving out what is constant there.</summary>
    private void Restrict(List<LinearItem> items, List<ConeItem> cones)
    {
        Rows.Clear();
        Cones.Clear();
        foreach (LinearItem item in items)
        {
            if (item.IsEquality)
                continue;
            double[] row = Hull.Reduce(item.Coefficients);
            if (AffineHull.Norm(row) > AffineHull.RankTolerance * AffineHull.Norm(item.Coefficients))
                Rows.Add(new RegionRow(item, null, row, item.Slack(Hull.Origin)));
        }

        foreach (ConeItem cone in cones)
        {
            if (!_apex.Contains(cone))
                RestrictCone(cone);
        }
    }

    private void RestrictCone(ConeItem cone)
    {
        int d = Dimension;
        double[] coefficients = new double[cone.Size * d], constants = new double[cone.Size];
        double size = 0, stated = AffineHull.Norm(cone.Coefficients);
        for (int i = 0; i < cone.Size; i++)
        {
            ReadOnlySpan<double> row = cone.Coefficients.AsSpan(i * _system.Total, _system.Total);
            double[] reduced = Hull.Reduce(row);
            reduced.CopyTo(coefficients, i * d);
            constants[i] = cone.Constants[i] + AffineHull.Dot(row, Hull.Origin);
            size = Math.Max(size, AffineHull.Norm(reduced));
        }

        if (size <= AffineHull.RankTolerance * stated)
            return;
        if (!_flat.Contains(cone))
        {
            Cones.Add(new RegionCone(cone, coefficients, constants));
            return;
        }

        double[] height = Array.ConvertAll(coefficients[..d], v => -v);
        if (AffineHull.Norm(height) > AffineHull.RankTolerance * stated)
            Rows.Add(new RegionRow(null, cone, height, constants[0]));
    }

    /// <summary>Looks for room in every item at once; where there is none, adds the equations that follow.</summary>
    /// <returns>Whether equations were added.</returns>
    private bool FindTight()
    {
        if (Dimension == 0 || Rows.Count + Cones.Count == 0)
        {
            Interior = new double[Dimension];
            Room = double.PositiveInfinity;
            return false;
        }

        Relaxation relaxation = NewRelaxation();
        relaxation.Solve(floor: -1);
        Interior = relaxation.Point;
        Room = -relaxation.Level;
        if (relaxation.Level < -FeasibilityAnalyzer.Tolerance)
            return false;
        double largest = 0;
        foreach (double multiplier in relaxation.RowMultipliers)
            largest = Math.Max(largest, multiplier);
        foreach (double[] multiplier in relaxation.ConeMultipliers)
            largest = Math.Max(largest, multiplier[0]);
        int before = _equations.Count + _coneEquations.Count;
        for (int i = 0; i < Rows.Count; i++)
        {
            if (relaxation.RowMultipliers[i] >= Support * largest)
                FixRow(Rows[i]);
        }

        for (int k = 0; k < Cones.Count; k++)
        {
            if (relaxation.ConeMultipliers[k][0] >= Support * largest)
                FixCone(Cones[k].Item, relaxation.ConeMultipliers[k]);
        }

        return _equations.Count + _coneEquations.Count > before;
    }

    private void FixRow(RegionRow row)
    {
        if (row.Item is { } item)
        {
            _equations.Add(item.Coefficients);
            _bounds.Add(item.Bound);
            Tight.Add(item);
            Participants.Add(item);
            return;
        }

        // s₀ = 0 where s is on one ray: s = 0.
        ConeItem cone = row.Cone!;
        _apex.Add(cone);
        for (int i = 0; i < cone.Size; i++)
            AddConeEquation(cone, i, 0);
    }

    /// <summary>sᵀλ = 0 puts s on the ray of (λ₀, −λ₁), or at 0 where λ is inside the cone.</summary>
    private void FixCone(ConeItem cone, double[] multiplier)
    {
        Tight.Add(cone);
        Participants.Add(cone);
        double norm = AffineHull.Norm(multiplier.AsSpan(1));
        if (norm < (1 - 1e-6) * multiplier[0])
        {
            _apex.Add(cone);
            for (int i = 0; i < cone.Size; i++)
                AddConeEquation(cone, i, 0);
            return;
        }

        _flat.Add(cone);
        for (int i = 1; i < cone.Size; i++)
            AddConeEquation(cone, i, -multiplier[i] / norm);
    }

    /// <summary>sᵢ = slope · s₀.</summary>
    private void AddConeEquation(ConeItem cone, int i, double slope)
    {
        int n = _system.Total;
        double[] row = cone.Coefficients[(i * n)..((i + 1) * n)];
        AffineHull.AddScaled(-slope, cone.Coefficients.AsSpan(0, n), row);
        _coneEquations.Add(row);
        _coneBounds.Add(-(cone.Constants[i] - slope * cone.Constants[0]));
    }

    /// <summary>Of the items that do not vary on the hull, finds those without slack.</summary>
    private void FindConstantTight(List<LinearItem> items, List<ConeItem> cones)
    {
        var varying = new HashSet<object>();
        foreach (RegionRow row in Rows)
            varying.Add((object?)row.Item ?? row.Cone!);
        foreach (RegionCone cone in Cones)
            varying.Add(cone.Item);
        foreach (LinearItem item in items)
        {
            if (!item.IsEquality && !varying.Contains(item) && item.Slack(Hull.Origin) <= FeasibilityAnalyzer.TightTolerance)
                Tight.Add(item);
        }

        foreach (ConeItem cone in cones)
        {
            if (!varying.Contains(cone) && ConeSlack(cone) <= FeasibilityAnalyzer.TightTolerance)
                Tight.Add(cone);
        }
    }

    /// <summary>s₀ − ‖s₁‖ at the origin of the hull.</summary>
    public double ConeSlack(ConeItem cone)
    {
        int n = _system.Total;
        double[] s = new double[cone.Size];
        for (int i = 0; i < cone.Size; i++)
            s[i] = cone.Constants[i] + AffineHull.Dot(cone.Coefficients.AsSpan(i * n, n), Hull.Origin);
        return s[0] - AffineHull.Norm(s.AsSpan(1));
    }

    /// <summary>The room problem of the region's rows and cones.</summary>
    public Relaxation NewRelaxation()
    {
        var relaxation = new Relaxation(Dimension);
        foreach (RegionRow row in Rows)
            relaxation.AddRow(row.Coefficients, row.Bound);
        foreach (RegionCone cone in Cones)
            relaxation.AddCone(cone.Coefficients, cone.Constants);
        return relaxation;
    }
}
