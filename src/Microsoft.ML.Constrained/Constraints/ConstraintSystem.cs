using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>
/// A constraint set reduced to what the solvers need:
/// <c>Lower(θ) ≤ A z ≤ Upper(θ)</c> row by row, and <c>‖z[I] − c‖ ≤ Radius(θ) + z[height]</c> block by block,
/// where θ are the row's own values of <see cref="ConstraintSet.Columns"/>, on which bounds and radii depend affinely.
/// </summary>
internal sealed class ConstraintSystem
{
    /// <summary>n, the number of variables.</summary>
    public required int Dimension { get; init; }

    /// <summary>The number of columns in θ.</summary>
    public required int ParameterCount { get; init; }

    /// <summary>A, row-major, RowCount × n.</summary>
    public required double[] Matrix { get; init; }

    /// <summary>Constant part of the lower bounds; −∞ where there is none. Equal to <see cref="Upper"/>, slopes included, in an equality.</summary>
    public required double[] Lower { get; init; }

    /// <summary>Constant part of the upper bounds; +∞ where there is none.</summary>
    public required double[] Upper { get; init; }

    /// <summary>RowCount × ParameterCount, row-major: how the lower bounds depend on θ.</summary>
    public required double[] LowerSlope { get; init; }

    /// <summary>RowCount × ParameterCount, row-major: how the upper bounds depend on θ.</summary>
    public required double[] UpperSlope { get; init; }

    /// <summary>For each row, the index in <see cref="ConstraintSet.Constraints"/> of the constraint that it comes from.</summary>
    public required int[] RowOwner { get; init; }

    /// <summary>L1 and L2 balls and second-order cones. (L∞ balls are rows.)</summary>
    public required IReadOnlyList<NormBlock> Norms { get; init; }

    public int RowCount => Lower.Length;

    /// <summary>Whether every constraint is a linear row.</summary>
    public bool IsPolyhedral => Norms.Count == 0;

    /// <summary>Row <paramref name="row"/> of A.</summary>
    public ReadOnlySpan<double> Row(int row) => Matrix.AsSpan(row * Dimension, Dimension);

    /// <summary>Whether the row is an equality for every θ.</summary>
    public bool IsEquality(int row) =>
        Lower[row] == Upper[row] &&
        LowerSlope.AsSpan(row * ParameterCount, ParameterCount).SequenceEqual(UpperSlope.AsSpan(row * ParameterCount, ParameterCount));

    /// <summary>The bounds of every row for the values <paramref name="parameters"/> of θ.</summary>
    public void EvaluateBounds(ReadOnlySpan<double> parameters, Span<double> lower, Span<double> upper)
    {
        for (int i = 0; i < RowCount; i++)
        {
            lower[i] = Evaluate(Lower[i], LowerSlope.AsSpan(i * ParameterCount, ParameterCount), parameters);
            upper[i] = Evaluate(Upper[i], UpperSlope.AsSpan(i * ParameterCount, ParameterCount), parameters);
        }
    }

    internal static double Evaluate(double constant, ReadOnlySpan<double> slope, ReadOnlySpan<double> parameters)
    {
        double value = constant;
        for (int j = 0; j < slope.Length; j++)
        {
            if (slope[j] != 0)
                value += slope[j] * parameters[j];
        }

        return value;
    }
}
