using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <content>The vector-Jacobian product of the projection.</content>
internal sealed unsafe partial class PolyhedralProjector
{
    /// <summary>A pivot of the active Gram block below this marks a row that depends on those before it.</summary>
    private const double LeastPivot = 1e-13;

    /// <summary>
    /// For g = ∂loss/∂z: ∂loss/∂y = W N g with N = W⁻¹ − W⁻¹A_A'(A_A W⁻¹ A_A')⁻¹A_A W⁻¹ over the active rows A, which are the rows with a
    /// multiplier and the equalities; and ∂loss/∂bᵢ for the bound that holds in each active row. Rows that touch their bound without a
    /// multiplier count as inactive: one element of the generalised Jacobian. Rows that depend on others get no share.
    /// </summary>
    /// <param name="multipliers">λ of the solved row.</param>
    /// <param name="gradient">∂loss/∂z.</param>
    /// <param name="input">Receives ∂loss/∂y.</param>
    /// <param name="bounds">Receives ∂loss/∂b, one for each row of A, or empty.</param>
    /// <param name="workspace">Scratch memory.</param>
    public void Adjoint(
        ReadOnlySpan<double> multipliers, ReadOnlySpan<double> gradient, Span<double> input, Span<double> bounds, PolyhedralWorkspace workspace)
    {
        Span<double> g = workspace.Scaled;
        for (int j = 0; j < g.Length; j++)
            g[j] = gradient[j] / Reduction.Root[j];
        for (int k = 0; k < Reduction.EqualityCount; k++)
        {
            // The basis is orthonormal: one coordinate does not change the others.
            workspace.Along[k] = SpanKernels.Dot(Reduction.Basis(k), g);
            SpanKernels.AddScaled(Reduction.Basis(k), -workspace.Along[k], g);
        }

        int count = Select(multipliers, workspace);
        Span<double> share = workspace.Coefficients.AsSpan(0, count);
        for (int j = 0; j < count; j++)
            share[j] = SpanKernels.Dot(Core.Row(workspace.Selected[j]), g);
        Factorise(workspace, count);
        SolveFactored(workspace.Factor, count, share);
        for (int j = 0; j < count; j++)
            SpanKernels.AddScaled(Core.Row(workspace.Selected[j]), -share[j], g);
        for (int j = 0; j < g.Length; j++)
            input[j] = g[j] * Reduction.Root[j];
        if (!bounds.IsEmpty)
            Expand(workspace.Selected.AsSpan(0, count), share, bounds, workspace);
    }

    private int Select(ReadOnlySpan<double> multipliers, PolyhedralWorkspace workspace)
    {
        int count = 0;
        for (int r = 0; r < Reduction.InequalityRows.Length; r++)
        {
            if (multipliers[Reduction.InequalityRows[r]] != 0 && count < workspace.Selected.Length)
                workspace.Selected[count++] = r;
        }

        return count;
    }

    /// <summary>Cholesky factor of the active Gram block; a pivot of 0 stands for a dependent row.</summary>
    private void Factorise(PolyhedralWorkspace workspace, int count)
    {
        double[] factor = workspace.Factor;
        for (int i = 0; i < count; i++)
        {
            Span<double> row = factor.AsSpan(i * count, i + 1);
            for (int j = 0; j <= i; j++)
            {
                double product = Core.Product(workspace.Selected[i], workspace.Selected[j]);
                ReadOnlySpan<double> other = factor.AsSpan(j * count, j + 1);
                product -= SpanKernels.Dot(row[..j], other[..j]);
                if (j < i)
                    row[j] = other[j] > 0 ? product / other[j] : 0;
                else
                    row[j] = product > LeastPivot ? Math.Sqrt(product) : 0;
            }
        }
    }

    private static void SolveFactored(ReadOnlySpan<double> factor, int count, Span<double> values)
    {
        for (int i = 0; i < count; i++)
        {
            double pivot = factor[(i * count) + i];
            double sum = values[i] - SpanKernels.Dot<double>(factor.Slice(i * count, i), values[..i]);
            values[i] = pivot > 0 ? sum / pivot : 0;
        }

        for (int i = count - 1; i >= 0; i--)
        {
            double pivot = factor[(i * count) + i];
            values[i] = pivot > 0 ? values[i] / pivot : 0;
            SpanKernels.AddScaled(factor.Slice(i * count, i), -values[i], values[..i]);
        }
    }
}
