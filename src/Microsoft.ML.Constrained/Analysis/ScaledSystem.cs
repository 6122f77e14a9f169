using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// A constraint system at one θ, as items whose numbers are about one: z = D y with a geometric scaling of rows and columns in which
/// the right-hand sides count as a column. So a tolerance on y is relative to the size that the constraints give each variable,
/// and a row's tolerance relative to the row. L1 balls are lifted: ‖v‖₁ ≤ r becomes −u ≤ v ≤ u, Σu ≤ r.
/// </summary>
internal sealed class ScaledSystem
{
    private const int Passes = 12;

    // A right-hand side below this share of its row is rounding dust (0.3 − 0.1 − 0.2), not a length to scale by.
    private const double Dust = 1e-10;

    private readonly ConstraintSystem _system;

    public ScaledSystem(ConstraintSystem system, ReadOnlySpan<double> parameters)
    {
        _system = system;
        Dimension = system.Dimension;
        int total = Dimension;
        foreach (NormBlock block in system.Norms)
            total += block.Norm == Norm.L1 ? block.Variables.Length : 0;
        Total = total;
        Scale = new double[total];
        Array.Fill(Scale, 1);
        AddRows(parameters);
        AddNorms(parameters);
        Equilibrate();
    }

    /// <summary>The number of the user's variables.</summary>
    public int Dimension { get; }

    /// <summary>The number of variables with the lifted ones, which follow the user's.</summary>
    public int Total { get; }

    /// <summary>D.</summary>
    public double[] Scale { get; }

    public List<LinearItem> Items { get; } = [];

    public List<ConeItem> Cones { get; } = [];

    /// <summary>The user's variables at a scaled point.</summary>
    public double[] Unscale(double[] y)
    {
        double[] z = new double[Dimension];
        for (int j = 0; j < Dimension; j++)
            z[j] = Scale[j] * y[j];
        return z;
    }

    private void AddRows(ReadOnlySpan<double> parameters)
    {
        double[] lower = new double[_system.RowCount], upper = new double[_system.RowCount];
        _system.EvaluateBounds(parameters, lower, upper);
        for (int i = 0; i < _system.RowCount; i++)
        {
            bool equality = _system.IsEquality(i);
            if (!double.IsPositiveInfinity(upper[i]))
                Items.Add(NewRow(i, upper[i], isUpper: true, equality));
            if (!equality && !double.IsNegativeInfinity(lower[i]))
                Items.Add(NewRow(i, -lower[i], isUpper: false, equality));
        }
    }

    private LinearItem NewRow(int row, double bound, bool isUpper, bool equality)
    {
        double[] coefficients = new double[Total];
        ReadOnlySpan<double> stated = _system.Row(row);
        for (int j = 0; j < Dimension; j++)
            coefficients[j] = isUpper ? stated[j] : -stated[j];
        return new LinearItem
        {
            Coefficients = coefficients, Bound = bound, Owner = _system.RowOwner[row], Row = row, IsUpper = isUpper, IsEquality = equality,
        };
    }

    private void AddNorms(ReadOnlySpan<double> parameters)
    {
        int lifted = Dimension;
        for (int k = 0; k < _system.Norms.Count; k++)
        {
            NormBlock block = _system.Norms[k];
            double radius = block.EvaluateRadius(parameters);
            if (block.Norm == Norm.L1)
            {
                AddLifted(block, k, radius, lifted);
                lifted += block.Variables.Length;
                continue;
            }

            int size = 1 + block.Variables.Length;
            double[] coefficients = new double[size * Total], constants = new double[size];
            constants[0] = radius;
            if (block.Height >= 0)
                coefficients[block.Height] = 1;
            for (int i = 1; i < size; i++)
            {
                coefficients[i * Total + block.Variables[i - 1]] = 1;
                constants[i] = -block.Centre[i - 1];
            }

            Cones.Add(new ConeItem { Coefficients = coefficients, Constants = constants, Owner = block.Owner, Norm = k });
        }
    }

    private void AddLifted(NormBlock block, int norm, double radius, int lifted)
    {
        double[] sum = new double[Total];
        if (block.Height >= 0)
            sum[block.Height] = -1;
        for (int i = 0; i < block.Variables.Length; i++)
        {
            sum[lifted + i] += 1;
            for (int sign = -1; sign <= 1; sign += 2)
            {
                double[] side = new double[Total];
                side[block.Variables[i]] = sign;
                side[lifted + i] -= 1;
                Items.Add(new LinearItem { Coefficients = side, Bound = sign * block.Centre[i], Owner = block.Owner, Norm = norm });
            }
        }

        Items.Add(new LinearItem { Coefficients = sum, Bound = radius, Owner = block.Owner, Norm = norm, IsNormSum = true });
    }

    /// <summary>Alternates rows and columns, each divided by the geometric mean of its smallest and largest element.</summary>
    private void Equilibrate()
    {
        // The last column is the right-hand side: in the end the other columns are measured in its unit.
        double[] columns = new double[Total + 1], low = new double[Total + 1], high = new double[Total + 1];
        Array.Fill(columns, 1);
        for (int pass = 0; pass < Passes; pass++)
        {
            Array.Fill(low, double.PositiveInfinity);
            Array.Clear(high);
            foreach (LinearItem item in Items)
                Count(item.Coefficients, [item.Bound], columns, low, high);
            foreach (ConeItem cone in Cones)
                Count(cone.Coefficients, cone.Constants, columns, low, high);
            for (int j = 0; j <= Total; j++)
                columns[j] *= high[j] > 0 ? 1 / Math.Sqrt(low[j] * high[j]) : 1;
        }

        for (int j = 0; j < Total; j++)
            Scale[j] = Math.ScaleB(1, (int)Math.Round(Math.Log2(columns[j] / columns[Total])));
        foreach (LinearItem item in Items)
            (item.Bound, item.Factor) = Apply(item.Coefficients, item.Bound, item.Factor);
        foreach (ConeItem cone in Cones)
            ApplyToCone(cone);
    }

    /// <summary>Gives a row, or all rows of a cone together, its factor for this pass, and lets the columns see what comes of it.</summary>
    private void Count(double[] coefficients, double[] bounds, double[] columns, double[] low, double[] high)
    {
        double rowLow = double.PositiveInfinity, rowHigh = 0;
        ForEach((column, size) => (rowLow, rowHigh) = (Math.Min(rowLow, size), Math.Max(rowHigh, size)));
        double factor = rowHigh > 0 ? 1 / Math.Sqrt(rowLow * rowHigh) : 1;
        ForEach((column, size) =>
        {
            low[column] = Math.Min(low[column], size * factor);
            high[column] = Math.Max(high[column], size * factor);
        });

        void ForEach(Action<int, double> see)
        {
            for (int i = 0; i < bounds.Length; i++)
            {
                double largest = 0;
                for (int j = 0; j < Total; j++)
                    largest = Math.Max(largest, Math.Abs(coefficients[i * Total + j]));
                for (int j = 0; j <= Total; j++)
                {
                    double value = Math.Abs(j < Total ? coefficients[i * Total + j] : bounds[i]);
                    if (value > Dust * largest)
                        see(j, value * columns[j]);
                }
            }
        }
    }

    /// <summary>Scales the columns of one row, then the row so that its largest number, the bound included, is about one.</summary>
    private (double Bound, double Factor) Apply(double[] coefficients, double bound, double factor)
    {
        double size = Math.Abs(bound);
        for (int j = 0; j < Total; j++)
        {
            coefficients[j] *= Scale[j];
            size = Math.Max(size, Math.Abs(coefficients[j]));
        }

        double row = size > 0 ? Math.ScaleB(1, -(int)Math.Round(Math.Log2(size))) : 1;
        for (int j = 0; j < Total; j++)
            coefficients[j] *= row;
        return (bound * row, factor * row);
    }

    private void ApplyToCone(ConeItem cone)
    {
        double size = 0;
        for (int i = 0; i < cone.Size; i++)
        {
            size = Math.Max(size, Math.Abs(cone.Constants[i]));
            for (int j = 0; j < Total; j++)
            {
                cone.Coefficients[i * Total + j] *= Scale[j];
                size = Math.Max(size, Math.Abs(cone.Coefficients[i * Total + j]));
            }
        }

        cone.Factor = size > 0 ? Math.ScaleB(1, -(int)Math.Round(Math.Log2(size))) : 1;
        for (int i = 0; i < cone.Constants.Length; i++)
            cone.Constants[i] *= cone.Factor;
        for (int i = 0; i < cone.Coefficients.Length; i++)
            cone.Coefficients[i] *= cone.Factor;
    }
}
