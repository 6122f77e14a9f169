using System;
using System.Collections.Generic;
using System.Numerics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// Moves rows between the order of blocks and the order of variables. Where variables that follow each other do so in their block
/// too, whole runs are copied by registers.
/// </summary>
internal sealed unsafe class VariableOrder
{
    private const double ShortRun = 3;

    private readonly int[] _position;
    private readonly (int Source, int Target, int Count)[] _runs;
    private readonly bool _copiesRuns;

    /// <param name="variables">For each position in the order of blocks, its variable.</param>
    public VariableOrder(int[] variables)
    {
        Variables = variables;
        _position = new int[variables.Length];
        for (int i = 0; i < variables.Length; i++)
            _position[variables[i]] = i;
        var runs = new List<(int Source, int Target, int Count)>();
        for (int i = 0; i < _position.Length; i++)
        {
            if (runs.Count > 0 && runs[^1] is var last && _position[i] == last.Source + last.Count)
                runs[^1] = last with { Count = last.Count + 1 };
            else
                runs.Add((_position[i], i, 1));
        }

        _runs = [.. runs];
        IsIdentity = runs.Count == 1;
        _copiesRuns = variables.Length >= ShortRun * runs.Count;
    }

    /// <summary>For each position in the order of blocks, its variable.</summary>
    public int[] Variables { get; }

    /// <summary>Whether both orders are the same.</summary>
    public bool IsIdentity { get; }

    /// <summary>
    /// factor · source, rounded, from the order of blocks to that of variables; false where a result is a NaN or an infinity. Reads up
    /// to two registers' width beyond the source, and may use the source as scratch space.
    /// </summary>
    public bool ToVariables<T>(double* source, double factor, T* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int n = _position.Length;
        if (IsIdentity)
            return RowConversion.Narrow(source, factor, target, n);
        if (!_copiesRuns)
        {
            // In place: a narrow number never overtakes the wide one that it is made of.
            var narrow = (T*)source;
            bool allFinite = RowConversion.Narrow(source, factor, narrow, n);
            for (int i = 0; i < n; i++)
                target[i] = narrow[_position[i]];
            return allFinite;
        }

        // A register may write beyond its run: the next run, which follows at once, puts that right. What is read beyond the row
        // is finite padding.
        int width = Vector<T>.Count;
        bool finite = true;
        Vector<double> scale = Vector.Create(factor);
        Vector<T> bad = Vector<T>.Zero;
        foreach ((int from, int to, int count) in _runs)
        {
            int i = 0;
            for (; i < count && to + i + width <= n; i += width)
            {
                Vector<T> value = RowConversion.Rounded<T>(source + from + i, scale);
                bad += value * Vector<T>.Zero;
                value.Store(target + to + i);
            }

            for (; i < count; i++)
            {
                target[to + i] = T.CreateTruncating(source[from + i] * factor);
                finite &= T.IsFinite(target[to + i]);
            }
        }

        return finite & Vector.Sum(bad) == T.Zero;
    }

    /// <summary>From the order of variables to that of blocks, widened.</summary>
    public void ToBlocks<T>(T* source, double* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (int* variables = Variables)
        {
            if (typeof(T) == typeof(float))
            {
                var narrow = (float*)source;
                for (int i = 0; i < _position.Length; i++)
                    target[i] = narrow[variables[i]];
                return;
            }

            var wide = (double*)source;
            for (int i = 0; i < _position.Length; i++)
                target[i] = wide[variables[i]];
        }
    }
}
