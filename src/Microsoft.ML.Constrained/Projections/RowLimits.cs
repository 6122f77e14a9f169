using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// The limits of some rows of unit length. A row may have several, from constraints that are parallel: its lower limit is the
/// largest of them, its upper limit the smallest. Each is affine in the columns θ.
/// </summary>
internal sealed class RowLimits
{
    private RowLimits(int count, int layers, int parameters)
    {
        Count = count;
        Layers = layers;
        Parameters = parameters;
        Lower = new double[layers * count];
        Upper = new double[layers * count];
        LowerSlope = new double[layers * count * parameters];
        UpperSlope = new double[layers * count * parameters];
        Equality = new bool[count];
        Length = new double[count];
        Array.Fill(Lower, double.NegativeInfinity);
        Array.Fill(Upper, double.PositiveInfinity);
        Array.Fill(Length, 1);
    }

    /// <summary>m, the number of rows.</summary>
    public int Count { get; }

    /// <summary>k, the most limits of a row on either side.</summary>
    public int Layers { get; }

    /// <summary>The number of columns.</summary>
    public int Parameters { get; }

    /// <summary>k × m constants, −∞ where there is none.</summary>
    public double[] Lower { get; }

    /// <summary>k × m constants, +∞ where there is none.</summary>
    public double[] Upper { get; }

    /// <summary>(k·m) × columns.</summary>
    public double[] LowerSlope { get; }

    /// <summary>(k·m) × columns.</summary>
    public double[] UpperSlope { get; }

    /// <summary>Which rows are equalities for every θ.</summary>
    public bool[] Equality { get; }

    /// <summary>The length that a row had, the greatest where there were several: a violation times it is in the constraint's own units.</summary>
    public double[] Length { get; }

    /// <summary>The limits of <paramref name="rows"/>; none where there is a null.</summary>
    public static RowLimits Create(ConstraintSystem system, UnitRow?[] rows)
    {
        int layers = 1, columns = system.ParameterCount;
        foreach (UnitRow? row in rows)
            layers = Math.Max(layers, row?.Sources.Count ?? 0);
        var result = new RowLimits(rows.Length, layers, columns);
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] is not { } row)
                continue;
            result.Length[i] = row.Length;
            for (int layer = 0; layer < row.Sources.Count; layer++)
                result.Set(layer * rows.Length + i, i, system, row.Sources[layer]);
        }

        return result;
    }

    /// <summary>The limits of every row for the values of the columns.</summary>
    public void Evaluate(ReadOnlySpan<double> parameters, Span<double> lower, Span<double> upper)
    {
        for (int i = 0; i < Count; i++)
        {
            (lower[i], upper[i]) = (double.NegativeInfinity, double.PositiveInfinity);
            for (int j = i; j < Lower.Length; j += Count)
            {
                lower[i] = Math.Max(lower[i], ConstraintSystem.Evaluate(Lower[j], LowerSlope.AsSpan(j * Parameters, Parameters), parameters));
                upper[i] = Math.Min(upper[i], ConstraintSystem.Evaluate(Upper[j], UpperSlope.AsSpan(j * Parameters, Parameters), parameters));
            }
        }
    }

    /// <summary>
    /// How far a value is beyond its limits, signed. Where they leave nothing between them (an equality, or a contradiction), how far it
    /// is from the middle, which is where the violations of both are least.
    /// </summary>
    public static double Residual(double value, double lower, double upper, bool equality) =>
        equality || lower >= upper
            ? value - 0.5 * (lower + upper)
            : Math.Max(value - upper, 0) - Math.Max(lower - value, 0);

    private void Set(int target, int row, ConstraintSystem system, (int Row, double Factor) source)
    {
        Equality[row] |= system.IsEquality(source.Row);
        double lower = system.Lower[source.Row] * source.Factor, upper = system.Upper[source.Row] * source.Factor;
        (Lower[target], Upper[target]) = source.Factor > 0 ? (lower, upper) : (upper, lower);
        ReadOnlySpan<double> lowerSlope = system.LowerSlope.AsSpan(source.Row * Parameters, Parameters);
        ReadOnlySpan<double> upperSlope = system.UpperSlope.AsSpan(source.Row * Parameters, Parameters);
        for (int k = 0; k < Parameters; k++)
        {
            LowerSlope[target * Parameters + k] = source.Factor * (source.Factor > 0 ? lowerSlope[k] : upperSlope[k]);
            UpperSlope[target * Parameters + k] = source.Factor * (source.Factor > 0 ? upperSlope[k] : lowerSlope[k]);
        }
    }
}
