using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// The rows that bound a single variable. A solver leaves their variables off by rounding (−1e-17 for 0); these are put on the bound,
/// so that a non-negative variable is never below zero.
/// </summary>
internal sealed class BoundRows
{
    private readonly (int Row, int Variable, double Coefficient)[] _rows;

    public BoundRows(ConstraintSystem system)
    {
        var rows = new List<(int Row, int Variable, double Coefficient)>();
        for (int i = 0; i < system.RowCount; i++)
        {
            ReadOnlySpan<double> row = system.Row(i);
            int variable = row.IndexOfAnyExcept(0.0);
            if (variable >= 0 && row[(variable + 1)..].IndexOfAnyExcept(0.0) < 0)
                rows.Add((i, variable, row[variable]));
        }

        _rows = [.. rows];
    }

    public void Snap(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, Span<double> z)
    {
        foreach ((int row, int variable, double coefficient) in _rows)
        {
            double value = coefficient * z[variable];
            if (value < lower[row])
                z[variable] = lower[row] / coefficient;
            else if (value > upper[row])
                z[variable] = upper[row] / coefficient;
        }
    }
}
