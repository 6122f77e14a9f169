using System;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>Row-major matrices into the panels of <see cref="PanelKernels{TLane, TVector}"/>.</summary>
internal static unsafe class PanelPacking<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private static int Rows => PanelKernels<TLane, TVector>.Rows;

    /// <summary>The lower triangle of ½(Q + Qᵀ) + shift·I, an identity in the padding.</summary>
    public static void PackSymmetric(double* q, int n, double shift, double* triangle)
    {
        int mr = Rows;
        int panels = PanelKernels<TLane, TVector>.PanelCount(n);
        for (int i = 0; i < panels; i++)
        {
            int first = i * mr;
            double* panel = triangle + PanelCholesky<TLane, TVector>.PanelOffset(i);
            int rows = Math.Min(mr, n - first);
            int columns = Math.Min(first + mr, n);
            PackPanel(q + ((long)first * n), n, rows, columns, panel);
            AverageWithColumns(q + first, n, rows, columns, panel);
            for (int k = n; k < first + mr; k++)
                new Span<double>(panel + (k * mr), mr).Clear();
            for (int r = 0; r < mr; r++)
                panel[((first + r) * mr) + r] = r < rows ? panel[((first + r) * mr) + r] + shift : 1;
        }
    }

    /// <summary>
    /// Panels of rows: <paramref name="rowCount"/> rows of a row-major matrix with <paramref name="columns"/> columns, placed from row
    /// <paramref name="firstRow"/> of the panels on. The padding is not touched.
    /// </summary>
    public static void PackRows(double* source, int rowCount, int columns, double* panels, int firstRow)
    {
        int mr = Rows;
        int stride = mr * PanelKernels<TLane, TVector>.Padded(columns);
        int done = 0;
        while (done < rowCount)
        {
            int row = firstRow + done;
            int within = row % mr;
            int rows = Math.Min(mr - within, rowCount - done);
            double* panel = panels + (row / mr * stride);
            PackPanel(source + ((long)done * columns), columns, rows, columns, panel + within);
            done += rows;
        }
    }

    private static void PackPanel(double* source, int stride, int rows, int columns, double* panel)
    {
        int mr = Rows;
        int r = 0;
        if (TLane.Width >= 4 && Avx.IsSupported)
        {
            for (; r + 4 <= rows; r += 4)
            {
                double* s = source + ((long)r * stride);
                int k = 0;
                for (; k + 4 <= columns; k += 4)
                    Transpose4x4(s + k, stride, panel + (k * mr) + r, mr);
                for (; k < columns; k++)
                {
                    for (int t = 0; t < 4; t++)
                        panel[(k * mr) + r + t] = s[((long)t * stride) + k];
                }
            }
        }

        for (; r < rows; r++)
        {
            double* s = source + ((long)r * stride);
            for (int k = 0; k < columns; k++)
                panel[(k * mr) + r] = s[k];
        }
    }

    private static void AverageWithColumns(double* source, int stride, int rows, int columns, double* panel)
    {
        int mr = Rows;
        for (int k = 0; k < columns; k++)
        {
            double* column = panel + (k * mr);
            double* other = source + ((long)k * stride);
            if (rows == mr)
            {
                TVector half = TLane.Broadcast(0.5);
                for (int v = 0; v < mr; v += TLane.Width)
                    TLane.Store(column + v, TLane.Multiply(half, TLane.Add(TLane.Load(column + v), TLane.Load(other + v))));
            }
            else
            {
                for (int r = 0; r < rows; r++)
                    column[r] = 0.5 * (column[r] + other[r]);
                for (int r = rows; r < mr; r++)
                    column[r] = 0;
            }
        }
    }

    private static void Transpose4x4(double* source, int stride, double* target, int targetStride)
    {
        Vector256<double> a = Vector256.Load(source), b = Vector256.Load(source + stride);
        Vector256<double> c = Vector256.Load(source + (2L * stride)), d = Vector256.Load(source + (3L * stride));
        Vector256<double> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b);
        Vector256<double> cd0 = Avx.UnpackLow(c, d), cd1 = Avx.UnpackHigh(c, d);
        Avx.Permute2x128(ab0, cd0, 0x20).Store(target);
        Avx.Permute2x128(ab1, cd1, 0x20).Store(target + targetStride);
        Avx.Permute2x128(ab0, cd0, 0x31).Store(target + (2 * targetStride));
        Avx.Permute2x128(ab1, cd1, 0x31).Store(target + (3 * targetStride));
    }
}
