using System;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// The double description method (Motzkin, Raiffa, Thompson and Thrall 1953; Fukuda and Prodon, "Double description method
/// revisited", 1996): the extreme rays and lines of the cone {x : row·x ≥ 0 for inequalities, row·x = 0 for equalities},
/// one row at a time. Rays stay rays of the cone so far; a row cuts off those on its wrong side and adds, for every adjacent
/// pair across it, the ray where their two-dimensional face meets it.
/// </summary>
internal sealed class ConeConversion<T, TArithmetic>
    where TArithmetic : IConeArithmetic<T>
{
    private readonly int _dimension, _rowCount, _limit;
    private readonly CancellationToken _cancellation;
    private readonly List<T[]> _lines = [];
    private List<ConeRay<T>> _rays = [];
    private int _done;

    private ConeConversion(int dimension, int rowCount, int limit, CancellationToken cancellation)
    {
        _dimension = dimension;
        _rowCount = rowCount;
        _limit = limit;
        _cancellation = cancellation;
        for (int i = 0; i < dimension; i++)
            _lines.Add(TArithmetic.Unit(dimension, i));
    }

    /// <summary>
    /// Converts; <paramref name="limit"/> is the largest number of rays at any time. Rays know the rows that they lie on, counted
    /// from the first equality to the last inequality.
    /// </summary>
    /// <exception cref="InvalidOperationException">The limit was exceeded; the message says how far the conversion got.</exception>
    public static (List<ConeRay<T>> Rays, List<T[]> Lines) Run(
        int dimension, IReadOnlyList<T[]> equalities, IReadOnlyList<T[]> inequalities, int limit, CancellationToken cancellation)
    {
        var conversion = new ConeConversion<T, TArithmetic>(dimension, equalities.Count + inequalities.Count, limit, cancellation);
        foreach (T[] row in equalities)
            conversion.Insert(row, equality: true);
        foreach (T[] row in inequalities)
            conversion.Insert(row, equality: false);
        return (conversion._rays, conversion._lines);
    }

    private void Insert(T[] row, bool equality)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!TakeLine(row, equality))
            Cut(row, equality);
        _done++;
        if (_rays.Count > _limit)
        {
            throw new InvalidOperationException(
                $"The polyhedron has too many generators: {_rays.Count} after {_done} of {_rowCount} rows, the limit is {_limit}. " +
                "Raise the limit, drop constraints, or use a projection instead, which needs no generators.");
        }
    }

    /// <summary>
    /// A line that the row cuts becomes a ray (or goes, in an equality); everything else is moved along it into the row's hyperplane.
    /// </summary>
    private bool TakeLine(T[] row, bool equality)
    {
        int chosen = -1;
        T value = default!;
        for (int i = 0; i < _lines.Count; i++)
        {
            T dot = TArithmetic.Dot(row, _lines[i]);
            if (TArithmetic.Sign(dot) != 0 && (chosen < 0 || TArithmetic.IsBetterPivot(dot, value)))
                (chosen, value) = (i, dot);
        }

        if (chosen < 0)
            return false;
        T[] line = _lines[chosen];
        _lines.RemoveAt(chosen);
        if (TArithmetic.Sign(value) < 0)
        {
            line = TArithmetic.Negate(line);
            value = TArithmetic.Dot(row, line);
        }

        for (int i = 0; i < _lines.Count; i++)
            _lines[i] = TArithmetic.Combine(value, _lines[i], TArithmetic.Dot(row, _lines[i]), line);
        foreach (ConeRay<T> ray in _rays)
        {
            ray.Vector = TArithmetic.Combine(value, ray.Vector, TArithmetic.Dot(row, ray.Vector), line);
            ray.Tight.Set(_done);
        }

        if (!equality)
        {
            // The new ray lies on every row before this one: they were all zero on the line.
            var ray = new ConeRay<T>(line, _rowCount);
            for (int i = 0; i < _done; i++)
                ray.Tight.Set(i);
            _rays.Add(ray);
        }

        return true;
    }

    private void Cut(T[] row, bool equality)
    {
        var kept = new List<ConeRay<T>>();
        var above = new List<ConeRay<T>>();
        var below = new List<ConeRay<T>>();
        foreach (ConeRay<T> ray in _rays)
        {
            ray.Value = TArithmetic.Dot(row, ray.Vector);
            switch (TArithmetic.Sign(ray.Value))
            {
                case 0:
                    kept.Add(ray);
                    break;
                case > 0:
                    above.Add(ray);
                    break;
                default:
                    below.Add(ray);
                    break;
            }
        }

        var added = new List<ConeRay<T>>();
        if (below.Count > 0 || equality)
        {
            foreach (ConeRay<T> up in above)
            {
                _cancellation.ThrowIfCancellationRequested();
                foreach (ConeRay<T> down in below)
                {
                    if (!AreAdjacent(up, down))
                        continue;
                    // value(up) > 0 > value(down): value(up)·down − value(down)·up lies on the row.
                    added.Add(new ConeRay<T>(TArithmetic.Combine(up.Value, down.Vector, down.Value, up.Vector), up.Tight.And(down.Tight)));
                    if (added.Count + kept.Count > _limit)
                    {
                        throw new InvalidOperationException(
                            $"The polyhedron has too many generators: more than {_limit} at row {_done + 1} of {_rowCount}. " +
                            "Raise the limit, drop constraints, or use a projection instead, which needs no generators.");
                    }
                }
            }
        }

        foreach (ConeRay<T> ray in kept)
            ray.Tight.Set(_done);
        foreach (ConeRay<T> ray in added)
            ray.Tight.Set(_done);
        _rays = equality ? [.. kept, .. added] : [.. kept, .. above, .. added];
    }

    /// <summary>
    /// Two extreme rays span a face of dimension two exactly when no third ray lies on all rows that both lie on. Fewer common
    /// rows than the dimension of the pointed part less two rule it out at once.
    /// </summary>
    private bool AreAdjacent(ConeRay<T> first, ConeRay<T> second)
    {
        if (BitSet.CommonCount(first.Tight, second.Tight) < _dimension - _lines.Count - 2)
            return false;
        foreach (ConeRay<T> third in _rays)
        {
            if (third != first && third != second && third.Tight.ContainsCommon(first.Tight, second.Tight))
                return false;
        }

        return true;
    }
}
