using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// The analysis of one constraint system at one θ. Everything is decided on <see cref="ScaledSystem"/>, where numbers are about one:
/// the set is empty when every point violates some item by more than <see cref="Tolerance"/>, and where no point has more room than
/// that in every item, the items that leave no room hold with equality.
/// </summary>
internal sealed class FeasibilityAnalyzer
{
    /// <summary>Smallest room or violation that counts, relative to the item.</summary>
    public const double Tolerance = 1e-9;

    /// <summary>Largest slack of an item that does not vary on the set and still holds with equality.</summary>
    public const double TightTolerance = 1e-8;

    private static readonly ConicSettings s_linear = new() { Tolerance = 1e-12 };
    private static readonly ConicSettings s_conic = new() { Tolerance = 1e-11 };

    private readonly ConstraintSystem _system;
    private readonly ScaledSystem _scaled;
    private Region? _region;

    public FeasibilityAnalyzer(ConstraintSystem system, ReadOnlySpan<double> parameters = default)
    {
        _system = system;
        _scaled = new ScaledSystem(system, parameters);
        int owners = 0;
        foreach (int owner in system.RowOwner)
            owners = Math.Max(owners, owner + 1);
        foreach (NormBlock block in system.Norms)
            owners = Math.Max(owners, block.Owner + 1);
        OwnerCount = owners;
        Relaxation relaxation = Relax(_ => true, out List<int> rowOwners, out List<int> equationOwners, out List<int> coneOwners);
        IsEmpty = IsViolated(relaxation);
        if (IsEmpty)
            Suspects = SupportOf(relaxation, rowOwners, equationOwners, coneOwners);
    }

    /// <summary>The solver's settings: as much as double precision gives, which is less near the boundary of a cone.</summary>
    public static ConicSettings Precise(bool cones) => cones ? s_conic : s_linear;

    /// <summary>1 + the largest index of a constraint that has rows or norm blocks.</summary>
    public int OwnerCount { get; }

    public bool IsEmpty { get; }

    /// <summary>Where the set is empty, the constraints that the proof uses; hardly ever a smallest conflict yet.</summary>
    public List<int> Suspects { get; } = [];

    public ConstraintSystem System => _system;

    public ScaledSystem Scaled => _scaled;

    /// <summary>The set reduced to its affine hull; not for an empty set.</summary>
    public Region Region => _region ??= Region.Reduce(_scaled, _scaled.Items, _scaled.Cones);

    /// <summary>Whether some constraints alone have no common point; else <paramref name="point"/> is one.</summary>
    public bool IsConflict(Predicate<int> chosen, out double[] point)
    {
        Relaxation relaxation = Relax(chosen, out _, out _, out _);
        point = relaxation.Point;
        return IsViolated(relaxation);
    }

    /// <summary>Whether a constraint holds at a scaled point, to the tolerance.</summary>
    public bool Holds(int owner, double[] point)
    {
        var relaxation = new Relaxation(_scaled.Total);
        Add(relaxation, o => o == owner, [], [], []);
        return relaxation.Measure(point) <= Tolerance;
    }

    private Relaxation Relax(Predicate<int> chosen, out List<int> rowOwners, out List<int> equationOwners, out List<int> coneOwners)
    {
        var relaxation = new Relaxation(_scaled.Total);
        (rowOwners, equationOwners, coneOwners) = ([], [], []);
        Add(relaxation, chosen, rowOwners, equationOwners, coneOwners);
        relaxation.Solve(floor: -1);
        return relaxation;
    }

    private void Add(Relaxation relaxation, Predicate<int> chosen, List<int> rowOwners, List<int> equationOwners, List<int> coneOwners)
    {
        foreach (LinearItem item in _scaled.Items)
        {
            if (!chosen(item.Owner))
                continue;
            if (item.IsEquality)
                relaxation.AddEquation(item.Coefficients, item.Bound);
            else
                relaxation.AddRow(item.Coefficients, item.Bound);
            (item.IsEquality ? equationOwners : rowOwners).Add(item.Owner);
        }

        foreach (ConeItem cone in _scaled.Cones)
        {
            if (!chosen(cone.Owner))
                continue;
            relaxation.AddCone(cone.Coefficients, cone.Constants);
            coneOwners.Add(cone.Owner);
        }
    }

    /// <summary>The proof decides; where the solver got none that is tight, its best point does.</summary>
    private static bool IsViolated(Relaxation relaxation) =>
        relaxation.Level > Tolerance && (relaxation.LevelBound > Tolerance || relaxation.Level > 1e-5);

    private static List<int> SupportOf(Relaxation relaxation, List<int> rowOwners, List<int> equationOwners, List<int> coneOwners)
    {
        var support = new SortedSet<int>();
        const double Negligible = 1e-7;
        for (int i = 0; i < rowOwners.Count; i++)
            AddIf(relaxation.RowMultipliers[i], rowOwners[i]);
        for (int i = 0; i < equationOwners.Count; i++)
            AddIf(relaxation.EquationMultipliers[i], equationOwners[i]);
        for (int i = 0; i < coneOwners.Count; i++)
            AddIf(relaxation.ConeMultipliers[i][0], coneOwners[i]);
        return [.. support];

        void AddIf(double multiplier, int owner)
        {
            if (multiplier > Negligible)
                support.Add(owner);
        }
    }
}
