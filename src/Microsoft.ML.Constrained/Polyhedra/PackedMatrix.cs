using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// A constant K × N matrix laid out for products with many rows from the left: panels of three registers' columns, K entries
/// deep, so that the kernel reads them in order. Four rows share a panel; K is cut into pieces whose panel stays in the nearest
/// cache. Each element of a result is summed in the same order whatever the number of rows, so rows do not depend on each other.
/// </summary>
internal sealed unsafe class PackedMatrix<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int PanelLanes = 3, Depth = 256, RowGroup = 4;

    private readonly T[] _panels;
    private readonly bool _wide;
    private readonly int _lanes;

    /// <summary>Packs a row-major matrix.</summary>
    /// <param name="matrix">K × N, or N × K where <paramref name="transposed"/>.</param>
    /// <param name="inner">K.</param>
    /// <param name="columns">N.</param>
    /// <param name="transposed">Whether the transpose of the given matrix is meant.</param>
    public PackedMatrix(ReadOnlySpan<T> matrix, int inner, int columns, bool transposed)
        : this(matrix, inner, columns, transposed, Vector512.IsHardwareAccelerated)
    {
    }

    /// <summary>As above for registers of 512 bits or for the machine's others, so that both can be tested everywhere.</summary>
    internal PackedMatrix(ReadOnlySpan<T> matrix, int inner, int columns, bool transposed, bool wide)
    {
        _wide = wide;
        _lanes = wide ? Vector512<T>.Count : Vector<T>.Count;
        Inner = inner;
        Columns = columns;
        PaddedColumns = (columns + _lanes - 1) / _lanes * _lanes;
        _panels = GC.AllocateArray<T>(checked(inner * PaddedColumns), pinned: true);
        int at = 0;
        for (int k0 = 0; k0 < inner; k0 += Depth)
        {
            int depth = Math.Min(Depth, inner - k0);
            for (int c0 = 0; c0 < PaddedColumns; c0 += PanelLanes * _lanes)
            {
                int width = Math.Min(PanelLanes * _lanes, PaddedColumns - c0);
                for (int k = k0; k < k0 + depth; k++)
                {
                    for (int c = c0; c < c0 + width; c++, at++)
                        _panels[at] = c >= columns ? T.Zero : transposed ? matrix[c * inner + k] : matrix[k * columns + c];
                }
            }
        }
    }

    /// <summary>Elements in the registers that the kernels use.</summary>
    public static int LaneCount => Vector512.IsHardwareAccelerated ? Vector512<T>.Count : Vector<T>.Count;

    /// <summary>K.</summary>
    public int Inner { get; }

    /// <summary>N.</summary>
    public int Columns { get; }

    /// <summary>N rounded up to whole registers: what is written of a row.</summary>
    public int PaddedColumns { get; }

    /// <summary>result = bias + left · matrix, row by row.</summary>
    /// <param name="left">rows × K.</param>
    /// <param name="leftStride">Distance between rows, at least K.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="bias"><see cref="PaddedColumns"/> values.</param>
    /// <param name="result">rows × <see cref="PaddedColumns"/>; what is beyond N receives the bias.</param>
    /// <param name="resultStride">Distance between rows, at least <see cref="PaddedColumns"/>.</param>
    public void Multiply(T* left, int leftStride, int rows, T* bias, T* result, int resultStride)
    {
        if (_wide)
            Run<PanelLane512<T>>(left, leftStride, rows, bias, result, resultStride);
        else
            Run<PanelLane<T>>(left, leftStride, rows, bias, result, resultStride);
    }

    private void Run<TLane>(T* left, int leftStride, int rows, T* bias, T* result, int resultStride)
        where TLane : struct, IPanelLane<TLane, T>
    {
        if (Inner == 0)
        {
            for (int r = 0; r < rows; r++)
                new ReadOnlySpan<T>(bias, PaddedColumns).CopyTo(new Span<T>(result + (long)r * resultStride, PaddedColumns));
            return;
        }

        fixed (T* start = _panels)
        {
            T* panel = start;
            for (int k0 = 0; k0 < Inner; k0 += Depth)
            {
                int depth = Math.Min(Depth, Inner - k0);
                for (int c0 = 0; c0 < PaddedColumns; c0 += PanelLanes * TLane.Count)
                {
                    int width = Math.Min(PanelLanes * TLane.Count, PaddedColumns - c0);
                    Panel<TLane>(left + k0, leftStride, rows, panel, depth, width, k0 == 0 ? bias + c0 : null, result + c0, resultStride);
                    panel += depth * width;
                }
            }
        }
    }

    private static void Panel<TLane>(
        T* left, int leftStride, int rows, T* panel, int depth, int width, T* bias, T* result, int resultStride)
        where TLane : struct, IPanelLane<TLane, T>
    {
        int r = 0;
        for (; r + RowGroup <= rows; r += RowGroup)
        {
            T* x = left + (long)r * leftStride;
            T* y = result + (long)r * resultStride;
            if (width == PanelLanes * TLane.Count)
            {
                FourByThree<TLane>(x, leftStride, panel, depth, bias, y, resultStride);
                continue;
            }

            for (int c = 0; c < width; c += TLane.Count)
                FourByOne<TLane>(x, leftStride, panel + c, width, depth, bias == null ? null : bias + c, y + c, resultStride);
        }

        for (; r < rows; r++)
        {
            T* x = left + (long)r * leftStride;
            T* y = result + (long)r * resultStride;
            if (width == PanelLanes * TLane.Count)
            {
                OneByThree<TLane>(x, panel, depth, bias, y);
                continue;
            }

            for (int c = 0; c < width; c += TLane.Count)
                OneByOne<TLane>(x, panel + c, width, depth, bias == null ? null : bias + c, y + c);
        }
    }

    private static void FourByThree<TLane>(T* x0, int stride, T* w, int depth, T* bias, T* y, int resultStride)
        where TLane : struct, IPanelLane<TLane, T>
    {
        int n = TLane.Count;
        T* x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
        TLane a00 = default, a01 = default, a02 = default, a10 = default, a11 = default, a12 = default;
        TLane a20 = default, a21 = default, a22 = default, a30 = default, a31 = default, a32 = default;
        for (int k = 0; k < depth; k++, w += 3 * n)
        {
            TLane w0 = TLane.Load(w), w1 = TLane.Load(w + n), w2 = TLane.Load(w + 2 * n);
            TLane x = TLane.Broadcast(x0[k]);
            a00 = TLane.MultiplyAdd(x, w0, a00);
            a01 = TLane.MultiplyAdd(x, w1, a01);
            a02 = TLane.MultiplyAdd(x, w2, a02);
            x = TLane.Broadcast(x1[k]);
            a10 = TLane.MultiplyAdd(x, w0, a10);
            a11 = TLane.MultiplyAdd(x, w1, a11);
            a12 = TLane.MultiplyAdd(x, w2, a12);
            x = TLane.Broadcast(x2[k]);
            a20 = TLane.MultiplyAdd(x, w0, a20);
            a21 = TLane.MultiplyAdd(x, w1, a21);
            a22 = TLane.MultiplyAdd(x, w2, a22);
            x = TLane.Broadcast(x3[k]);
            a30 = TLane.MultiplyAdd(x, w0, a30);
            a31 = TLane.MultiplyAdd(x, w1, a31);
            a32 = TLane.MultiplyAdd(x, w2, a32);
        }

        Finish3(a00, a01, a02, bias, y);
        Finish3(a10, a11, a12, bias, y + resultStride);
        Finish3(a20, a21, a22, bias, y + 2L * resultStride);
        Finish3(a30, a31, a32, bias, y + 3L * resultStride);
    }

    private static void OneByThree<TLane>(T* x, T* w, int depth, T* bias, T* y)
        where TLane : struct, IPanelLane<TLane, T>
    {
        int n = TLane.Count;
        TLane a0 = default, a1 = default, a2 = default;
        for (int k = 0; k < depth; k++, w += 3 * n)
        {
            TLane value = TLane.Broadcast(x[k]);
            a0 = TLane.MultiplyAdd(value, TLane.Load(w), a0);
            a1 = TLane.MultiplyAdd(value, TLane.Load(w + n), a1);
            a2 = TLane.MultiplyAdd(value, TLane.Load(w + 2 * n), a2);
        }

        Finish3(a0, a1, a2, bias, y);
    }

    private static void FourByOne<TLane>(T* x0, int stride, T* w, int width, int depth, T* bias, T* y, int resultStride)
        where TLane : struct, IPanelLane<TLane, T>
    {
        T* x1 = x0 + stride, x2 = x1 + stride, x3 = x2 + stride;
        TLane a0 = default, a1 = default, a2 = default, a3 = default;
        for (int k = 0; k < depth; k++, w += width)
        {
            TLane column = TLane.Load(w);
            a0 = TLane.MultiplyAdd(TLane.Broadcast(x0[k]), column, a0);
            a1 = TLane.MultiplyAdd(TLane.Broadcast(x1[k]), column, a1);
            a2 = TLane.MultiplyAdd(TLane.Broadcast(x2[k]), column, a2);
            a3 = TLane.MultiplyAdd(TLane.Broadcast(x3[k]), column, a3);
        }

        Finish(a0, bias, y);
        Finish(a1, bias, y + resultStride);
        Finish(a2, bias, y + 2L * resultStride);
        Finish(a3, bias, y + 3L * resultStride);
    }

    private static void OneByOne<TLane>(T* x, T* w, int width, int depth, T* bias, T* y)
        where TLane : struct, IPanelLane<TLane, T>
    {
        TLane a = default;
        for (int k = 0; k < depth; k++, w += width)
            a = TLane.MultiplyAdd(TLane.Broadcast(x[k]), TLane.Load(w), a);
        Finish(a, bias, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish3<TLane>(TLane a0, TLane a1, TLane a2, T* bias, T* y)
        where TLane : struct, IPanelLane<TLane, T>
    {
        int n = TLane.Count;
        Finish(a0, bias, y);
        Finish(a1, bias == null ? null : bias + n, y + n);
        Finish(a2, bias == null ? null : bias + 2 * n, y + 2 * n);
    }

    /// <summary>The first piece of K adds to the bias, later ones to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TLane>(TLane sum, T* bias, T* y)
        where TLane : struct, IPanelLane<TLane, T> =>
        TLane.Store(TLane.Add(TLane.Load(bias == null ? y : bias), sum), y);
}
