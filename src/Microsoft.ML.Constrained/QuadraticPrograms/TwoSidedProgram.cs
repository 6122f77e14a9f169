using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Rows <c>lower ≤ Cz ≤ upper</c>, where bounds may be infinite, as <c>Gz ≤ h, Az = b</c>: a row whose bounds are equal becomes a row
/// of A, an upper bound a row of G, a lower bound its negative.
/// </summary>
public sealed class TwoSidedProgram
{
    private readonly int[] _equality, _upper, _lower;

    /// <summary>Splits the rows of C.</summary>
    /// <param name="matrix">C, row-major, rows × variables.</param>
    /// <param name="variables">Columns of C.</param>
    /// <param name="lower">One for each row; −∞ where there is no bound.</param>
    /// <param name="upper">One for each row; +∞ where there is no bound.</param>
    /// <exception cref="ArgumentException">The lengths do not go together.</exception>
    public TwoSidedProgram(ReadOnlySpan<double> matrix, int variables, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        int rows = lower.Length;
        if (upper.Length != rows || matrix.Length != (long)rows * variables)
        {
            throw new ArgumentException(
                $"{rows} lower and {upper.Length} upper bounds on {variables} variables do not go with a matrix of {matrix.Length} elements.", nameof(matrix));
        }

        _equality = new int[rows];
        _upper = new int[rows];
        _lower = new int[rows];
        List<double> g = [], h = [], a = [], b = [];
        for (int i = 0; i < rows; i++)
        {
            _equality[i] = _upper[i] = _lower[i] = -1;
            ReadOnlySpan<double> row = matrix.Slice(i * variables, variables);
            if (lower[i] == upper[i])
            {
                _equality[i] = Append(a, b, row, 1, upper[i]);
                continue;
            }

            if (upper[i] != double.PositiveInfinity)
                _upper[i] = Append(g, h, row, 1, upper[i]);
            if (lower[i] != double.NegativeInfinity)
                _lower[i] = Append(g, h, row, -1, -lower[i]);
        }

        G = g.ToArray();
        H = h.ToArray();
        A = a.ToArray();
        B = b.ToArray();
    }

    /// <summary>The inequality rows, row-major.</summary>
    public ReadOnlyMemory<double> G { get; }

    /// <summary>Their bounds.</summary>
    public ReadOnlyMemory<double> H { get; }

    /// <summary>The equality rows, row-major.</summary>
    public ReadOnlyMemory<double> A { get; }

    /// <summary>Their right-hand sides.</summary>
    public ReadOnlyMemory<double> B { get; }

    /// <summary>The number of inequality rows.</summary>
    public int Inequalities => H.Length;

    /// <summary>The number of equality rows.</summary>
    public int Equalities => B.Length;

    /// <summary>One multiplier for each row of C: positive where the upper bound holds it back, negative where the lower one does.</summary>
    /// <param name="lambda">The multipliers of Gz ≤ h.</param>
    /// <param name="nu">The multipliers of Az = b.</param>
    /// <returns>y with Qz + p + Cᵀy = 0.</returns>
    public double[] RowMultipliers(ReadOnlySpan<double> lambda, ReadOnlySpan<double> nu)
    {
        double[] result = new double[_equality.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = _equality[i] >= 0 ? nu[_equality[i]] : 0;
            result[i] += _upper[i] >= 0 ? lambda[_upper[i]] : 0;
            result[i] -= _lower[i] >= 0 ? lambda[_lower[i]] : 0;
        }

        return result;
    }

    private static int Append(List<double> matrix, List<double> right, ReadOnlySpan<double> row, double sign, double bound)
    {
        foreach (double value in row)
            matrix.Add(sign * value);
        right.Add(bound);
        return right.Count - 1;
    }
}
