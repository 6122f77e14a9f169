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

    /// <summary>From the order of blocks to that of variables. Reads up to a register's width beyond the source.</summary>
    public void ToVariables<T>(T* source, T* target)
        where T : unmanaged
    {
        int n = _position.Length;
        if (!_copiesRuns)
        {
            for (int i = 0; i < n; i++)
                target[i] = source[_position[i]];
            return;
        }

        // A register may write beyond its run: the next run, which follows at once, puts that right.
        int width = Vector<T>.Count;
        foreach ((int from, int to, int count) in _runs)
        {
            int i = 0;
            for (; i < count && to + i + width <= n; i += width)
                Vector.Load(source + from + i).Store(target + to + i);
            for (; i < count; i++)
                target[to + i] = source[from + i];
        }
    }

    /// <summary>From the order of variables to that of blocks, widened.</summary>
    public void ToBlocks<T>(T* source, double* target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < Variables.Length; i++)
            target[i] = double.CreateTruncating(source[Variables[i]]);
    }
}
