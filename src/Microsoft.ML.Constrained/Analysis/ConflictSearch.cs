using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// A smallest set of constraints that have no common point. First a deletion filter: leave constraints out one by one as long as the
/// rest still conflict (Chinneck 2008), which gives an irreducible conflict. Then the dual bound: every conflict meets the complement
/// of every set with a common point, so a least set that meets all complements known so far is either the smallest conflict, or has
/// a common point itself and, grown, gives another complement (Ignatiev and others 2015).
/// </summary>
internal sealed class ConflictSearch
{
    /// <summary>Programs that may be solved after the deletion filter.</summary>
    private const int Budget = 400;

    private readonly FeasibilityAnalyzer _analyzer;
    private int _solved;

    public ConflictSearch(FeasibilityAnalyzer analyzer)
    {
        _analyzer = analyzer;
        List<int> conflict = Filter();
        IsSmallest = conflict.Count <= 2 ? IsTrivial(ref conflict) : Shrink(ref conflict);
        Conflict = conflict;
    }

    /// <summary>Indices of the constraints, ascending; none can be left out.</summary>
    public List<int> Conflict { get; }

    /// <summary>Whether no conflict has fewer constraints; else the search was given up.</summary>
    public bool IsSmallest { get; }

    private List<int> Filter()
    {
        List<int> kept = _analyzer.Suspects;
        if (kept.Count == 0 || !IsConflict(kept, out _))
        {
            kept = [];
            for (int owner = 0; owner < _analyzer.OwnerCount; owner++)
                kept.Add(owner);
        }

        for (int i = kept.Count - 1; i >= 0 && kept.Count > 1; i--)
        {
            List<int> rest = [.. kept];
            rest.RemoveAt(i);
            if (IsConflict(rest, out _))
                kept = rest;
        }

        _solved = 0;
        return kept;
    }

    /// <summary>One constraint can be beaten by none, two only by one that conflicts with itself.</summary>
    private bool IsTrivial(ref List<int> conflict)
    {
        for (int owner = 0; owner < _analyzer.OwnerCount && conflict.Count > 1; owner++)
        {
            if (!conflict.Contains(owner) && IsConflict([owner], out _))
                conflict = [owner];
        }

        return true;
    }

    private bool Shrink(ref List<int> conflict)
    {
        var complements = new List<List<int>>();
        while (_solved < Budget)
        {
            List<int>? hitting = SmallestHittingSet(complements, conflict.Count - 1);
            if (hitting is null)
                return true;
            if (IsConflict(hitting, out double[] point))
            {
                hitting.Sort();
                conflict = hitting;
                return true;
            }

            complements.Add(Complement(hitting, point));
        }

        return false;
    }

    /// <summary>Grows a set that has a common point as far as the budget lasts, and returns what is left outside.</summary>
    private List<int> Complement(List<int> start, double[] point)
    {
        var inside = new HashSet<int>(start);
        for (int owner = 0; owner < _analyzer.OwnerCount; owner++)
        {
            if (_analyzer.Holds(owner, point))
                inside.Add(owner);
        }

        var outside = new List<int>();
        for (int owner = 0; owner < _analyzer.OwnerCount; owner++)
        {
            if (inside.Contains(owner))
                continue;
            if (_solved < Budget && !IsConflict([.. inside, owner], out _))
                inside.Add(owner);
            else
                outside.Add(owner);
        }

        return outside;
    }

    private bool IsConflict(List<int> owners, out double[] point)
    {
        _solved++;
        var chosen = new HashSet<int>(owners);
        return _analyzer.IsConflict(chosen.Contains, out point);
    }

    /// <summary>Depth first, by size; null where more than <paramref name="limit"/> elements would be needed.</summary>
    private static List<int>? SmallestHittingSet(List<List<int>> sets, int limit)
    {
        var chosen = new List<int>();
        for (int size = 0; size <= limit; size++)
        {
            if (Extend(sets, chosen, size))
                return chosen;
        }

        return null;
    }

    private static bool Extend(List<List<int>> sets, List<int> chosen, int left)
    {
        List<int>? missed = null;
        foreach (List<int> set in sets)
        {
            if (!set.Exists(chosen.Contains) && (missed is null || set.Count < missed.Count))
                missed = set;
        }

        if (missed is null)
            return true;
        if (left == 0)
            return false;
        foreach (int element in missed)
        {
            chosen.Add(element);
            if (Extend(sets, chosen, left - 1))
                return true;
            chosen.RemoveAt(chosen.Count - 1);
        }

        return false;
    }
}
