using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Register tiles on packed row panels. A panel holds <see cref="Rows"/> rows of a matrix, column after column, so that element
/// (i, k) lies at <c>k·Rows + i</c>: a column of the panel is a few whole registers, and no load is strided.
/// </summary>
internal static unsafe class PanelKernels<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>Rows in a panel.</summary>
    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLane.Width * TLane.PanelVectors;
    }

    /// <summary>The number of panels that <paramref name="rows"/> rows fill.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PanelCount(int rows) => (rows + Rows - 1) / Rows;

    /// <summary><paramref name="rows"/> rounded up to whole panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Padded(int rows) => PanelCount(rows) * Rows;

    /// <summary>
    /// One tile of Rows × TileColumns: <c>C = A·Bᵀ</c>, or <c>C −= A·Bᵀ</c> when <paramref name="subtract"/>.
    /// </summary>
    /// <param name="depth">Columns of A and of B.</param>
    /// <param name="a">A panel.</param>
    /// <param name="b">The first of the tile's rows within another panel.</param>
    /// <param name="c">The tile's first column; a column is contiguous.</param>
    /// <param name="columnStride">Doubles from one column of C to the next.</param>
    /// <param name="subtract">Whether the product is taken off C.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(int depth, double* a, double* b, double* c, int columnStride, bool subtract)
    {
        if (TLane.PanelVectors == 3)
            Multiply3x4(depth, a, b, c, columnStride, subtract);
        else if (TLane.PanelVectors == 2)
            Multiply2x8(depth, a, b, c, columnStride, subtract);
        else
            Multiply4x2(depth, a, b, c, columnStride, subtract);
    }

    /// <summary>
    /// Rows × Rows of <c>C = A·Bᵀ</c> or <c>C −= A·Bᵀ</c>, for two whole panels.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplySquare(int depth, double* a, double* b, double* c, int columnStride, bool subtract)
    {
        for (int j = 0; j < Rows; j += TLane.TileColumns)
            Multiply(depth, a, b + j, c + (j * columnStride), columnStride, subtract);
    }

    private static void Multiply3x4(int depth, double* a, double* b, double* c, int columnStride, bool subtract)
    {
        int w = TLane.Width;
        TVector c00 = default, c10 = default, c20 = default, c01 = default, c11 = default, c21 = default;
        TVector c02 = default, c12 = default, c22 = default, c03 = default, c13 = default, c23 = default;
        for (int k = 0; k < depth; k++)
        {
            TVector a0 = TLane.Load(a), a1 = TLane.Load(a + w), a2 = TLane.Load(a + (2 * w));
            TVector x = TLane.Broadcast(b[0]);
            c00 = TLane.MultiplyAdd(a0, x, c00);
            c10 = TLane.MultiplyAdd(a1, x, c10);
            c20 = TLane.MultiplyAdd(a2, x, c20);
            x = TLane.Broadcast(b[1]);
            c01 = TLane.MultiplyAdd(a0, x, c01);
            c11 = TLane.MultiplyAdd(a1, x, c11);
            c21 = TLane.MultiplyAdd(a2, x, c21);
            x = TLane.Broadcast(b[2]);
            c02 = TLane.MultiplyAdd(a0, x, c02);
            c12 = TLane.MultiplyAdd(a1, x, c12);
            c22 = TLane.MultiplyAdd(a2, x, c22);
            x = TLane.Broadcast(b[3]);
            c03 = TLane.MultiplyAdd(a0, x, c03);
            c13 = TLane.MultiplyAdd(a1, x, c13);
            c23 = TLane.MultiplyAdd(a2, x, c23);
            a += 3 * w;
            b += 3 * w;
        }

        Put3(c, c00, c10, c20, subtract);
        Put3(c + columnStride, c01, c11, c21, subtract);
        Put3(c + (2 * columnStride), c02, c12, c22, subtract);
        Put3(c + (3 * columnStride), c03, c13, c23, subtract);
    }

    private static void Multiply2x8(int depth, double* a, double* b, double* c, int columnStride, bool subtract)
    {
        int w = TLane.Width;
        TVector c00 = default, c10 = default, c01 = default, c11 = default, c02 = default, c12 = default, c03 = default, c13 = default;
        TVector c04 = default, c14 = default, c05 = default, c15 = default, c06 = default, c16 = default, c07 = default, c17 = default;
        for (int k = 0; k < depth; k++)
        {
            TVector a0 = TLane.Load(a), a1 = TLane.Load(a + w);
            TVector x = TLane.Broadcast(b[0]), y = TLane.Broadcast(b[1]);
            c00 = TLane.MultiplyAdd(a0, x, c00);
            c10 = TLane.MultiplyAdd(a1, x, c10);
            c01 = TLane.MultiplyAdd(a0, y, c01);
            c11 = TLane.MultiplyAdd(a1, y, c11);
            x = TLane.Broadcast(b[2]);
            y = TLane.Broadcast(b[3]);
            c02 = TLane.MultiplyAdd(a0, x, c02);
            c12 = TLane.MultiplyAdd(a1, x, c12);
            c03 = TLane.MultiplyAdd(a0, y, c03);
            c13 = TLane.MultiplyAdd(a1, y, c13);
            x = TLane.Broadcast(b[4]);
            y = TLane.Broadcast(b[5]);
            c04 = TLane.MultiplyAdd(a0, x, c04);
            c14 = TLane.MultiplyAdd(a1, x, c14);
            c05 = TLane.MultiplyAdd(a0, y, c05);
            c15 = TLane.MultiplyAdd(a1, y, c15);
            x = TLane.Broadcast(b[6]);
            y = TLane.Broadcast(b[7]);
            c06 = TLane.MultiplyAdd(a0, x, c06);
            c16 = TLane.MultiplyAdd(a1, x, c16);
            c07 = TLane.MultiplyAdd(a0, y, c07);
            c17 = TLane.MultiplyAdd(a1, y, c17);
            a += 2 * w;
            b += 2 * w;
        }

        Put2(c, c00, c10, subtract);
        Put2(c + columnStride, c01, c11, subtract);
        Put2(c + (2 * columnStride), c02, c12, subtract);
        Put2(c + (3 * columnStride), c03, c13, subtract);
        Put2(c + (4 * columnStride), c04, c14, subtract);
        Put2(c + (5 * columnStride), c05, c15, subtract);
        Put2(c + (6 * columnStride), c06, c16, subtract);
        Put2(c + (7 * columnStride), c07, c17, subtract);
    }

    private static void Multiply4x2(int depth, double* a, double* b, double* c, int columnStride, bool subtract)
    {
        int w = TLane.Width;
        TVector c00 = default, c10 = default, c20 = default, c30 = default;
        TVector c01 = default, c11 = default, c21 = default, c31 = default;
        for (int k = 0; k < depth; k++)
        {
            TVector x = TLane.Broadcast(b[0]), y = TLane.Broadcast(b[1]);
            TVector a0 = TLane.Load(a), a1 = TLane.Load(a + w), a2 = TLane.Load(a + (2 * w)), a3 = TLane.Load(a + (3 * w));
            c00 = TLane.MultiplyAdd(a0, x, c00);
            c10 = TLane.MultiplyAdd(a1, x, c10);
            c20 = TLane.MultiplyAdd(a2, x, c20);
            c30 = TLane.MultiplyAdd(a3, x, c30);
            c01 = TLane.MultiplyAdd(a0, y, c01);
            c11 = TLane.MultiplyAdd(a1, y, c11);
            c21 = TLane.MultiplyAdd(a2, y, c21);
            c31 = TLane.MultiplyAdd(a3, y, c31);
            a += 4 * w;
            b += 4 * w;
        }

        Put2(c, c00, c10, subtract);
        Put2(c + (2 * w), c20, c30, subtract);
        Put2(c + columnStride, c01, c11, subtract);
        Put2(c + columnStride + (2 * w), c21, c31, subtract);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put3(double* c, TVector v0, TVector v1, TVector v2, bool subtract)
    {
        int w = TLane.Width;
        Put2(c, v0, v1, subtract);
        TLane.Store(c + (2 * w), subtract ? TLane.Subtract(TLane.Load(c + (2 * w)), v2) : v2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put2(double* c, TVector v0, TVector v1, bool subtract)
    {
        int w = TLane.Width;
        TLane.Store(c, subtract ? TLane.Subtract(TLane.Load(c), v0) : v0);
        TLane.Store(c + w, subtract ? TLane.Subtract(TLane.Load(c + w), v1) : v1);
    }
}
