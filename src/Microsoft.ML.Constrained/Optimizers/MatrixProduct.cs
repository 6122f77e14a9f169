using System;
using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// C = f·A·B or C += f·A·B for matrices too large for the panel kernels: packed panels, tiles of six rows by two registers. Each element is
/// summed by one thread in one order.
/// </summary>
internal static unsafe class MatrixProduct
{
    private const int TileRows = 6;
    private const int Depth = 512;
    private const int BlockRows = 48;

    /// <summary>Side of the squares in which matrices meet their transposes: so many lines stay in the nearest cache, however far apart.</summary>
    private const int Square = 16;

    /// <summary>The product; <paramref name="c"/> has columns one element apart.</summary>
    /// <param name="factor">f.</param>
    /// <param name="a">A.</param>
    /// <param name="b">B.</param>
    /// <param name="c">C.</param>
    /// <param name="add">Whether to add to C.</param>
    /// <param name="symmetric">Whether the product is known to be symmetric: then only its upper half is computed, and copied.</param>
    /// <param name="threads">Most threads.</param>
    public static void Run<T>(T factor, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, bool add, bool symmetric, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
            Run<Simd512<T>, T>(factor, a, b, c, add, symmetric, threads);
        else if (Vector256.IsHardwareAccelerated)
            Run<Simd256<T>, T>(factor, a, b, c, add, symmetric, threads);
        else if (Vector128.IsHardwareAccelerated)
            Run<Simd128<T>, T>(factor, a, b, c, add, symmetric, threads);
        else
            Run<SimdScalar<T>, T>(factor, a, b, c, add, symmetric, threads);
        if (symmetric)
            Mirror(c);
    }

    /// <summary>Replaces a square matrix by ½(C + Cᵀ).</summary>
    public static void Symmetrize<T>(MatrixView<T> c)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T half = T.CreateTruncating(0.5);
        for (int rows = 0; rows < c.Rows; rows += Square)
        {
            for (int columns = 0; columns <= rows; columns += Square)
            {
                for (int i = rows; i < Math.Min(rows + Square, c.Rows); i++)
                {
                    for (int j = columns; j < Math.Min(columns + Square, i); j++)
                    {
                        T* lower = c.Data + (i * c.RowStride) + j, upper = c.Data + (j * c.RowStride) + i;
                        *lower = *upper = half * (*lower + *upper);
                    }
                }
            }
        }
    }

    private static void Mirror<T>(MatrixView<T> c)
        where T : unmanaged
    {
        for (int rows = 0; rows < c.Rows; rows += Square)
        {
            for (int columns = 0; columns <= rows; columns += Square)
            {
                for (int i = rows; i < Math.Min(rows + Square, c.Rows); i++)
                {
                    for (int j = columns; j < Math.Min(columns + Square, i); j++)
                        c.Data[(i * c.RowStride) + j] = c.Data[(j * c.RowStride) + i];
                }
            }
        }
    }

    private static void Run<V, T>(T factor, MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, bool add, bool symmetric, int threads)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int tileColumns = 2 * V.Count, panels = (c.Columns + tileColumns - 1) / tileColumns;
        int blocks = (c.Rows + BlockRows - 1) / BlockRows;
        T[] packed = ArrayPool<T>.Shared.Rent(panels * tileColumns * Depth);
        fixed (T* right = packed)
        {
            // A lambda cannot capture the fixed variable itself.
            T* panel = right;
            for (int k = 0; k < a.Columns; k += Depth)
            {
                int first = k, depth = Math.Min(Depth, a.Columns - k);
                bool onto = add || k > 0;
                ChunkRunner.Run(panels, threads, p => PackColumns(b, first, depth, p * tileColumns, tileColumns, panel + ((long)p * tileColumns * depth)));
                ChunkRunner.Run(blocks, threads, i => Block<V, T>(factor, a, first, depth, i * BlockRows, panel, c, onto, symmetric));
            }
        }

        ArrayPool<T>.Shared.Return(packed);
    }

    private static void PackColumns<T>(MatrixView<T> b, int first, int depth, int column, int width, T* target)
        where T : unmanaged
    {
        int count = Math.Min(width, b.Columns - column);
        T* source = b.Data + (first * b.RowStride) + (column * b.ColumnStride);
        if (count < width)
            new Span<T>(target, depth * width).Clear();
        if (b.ColumnStride == 1)
        {
            for (int k = 0; k < depth; k++)
                new ReadOnlySpan<T>(source + (k * b.RowStride), count).CopyTo(new Span<T>(target + (k * width), count));
            return;
        }

        for (int j = 0; j < count; j++)
        {
            T* from = source + (j * b.ColumnStride);
            for (int k = 0; k < depth; k++)
                target[(k * width) + j] = from[k * b.RowStride];
        }
    }

    /// <summary>Rows of A in tiles of six, each with its six elements of a column side by side.</summary>
    private static void PackRows<T>(MatrixView<T> a, int first, int depth, int row, int rows, T* target)
        where T : unmanaged
    {
        int whole = rows / TileRows * TileRows;
        T* source = a.Data + (row * a.RowStride) + (first * a.ColumnStride);
        if (whole < rows)
            new Span<T>(target + (whole * depth), depth * TileRows).Clear();
        if (a.RowStride == 1)
        {
            for (int k = 0; k < depth; k++)
            {
                T* from = source + (k * a.ColumnStride), to = target + (k * TileRows);
                for (int i = 0; i < whole; i += TileRows, to += TileRows * depth, from += TileRows)
                    (to[0], to[1], to[2], to[3], to[4], to[5]) = (from[0], from[1], from[2], from[3], from[4], from[5]);
                for (int i = whole; i < rows; i++)
                    *to++ = *from++;
            }

            return;
        }

        for (int i = 0; i < whole; i += TileRows)
        {
            T* from = source + (i * a.RowStride), to = target + (i * depth);
            T* from1 = from + a.RowStride, from2 = from1 + a.RowStride, from3 = from2 + a.RowStride, from4 = from3 + a.RowStride, from5 = from4 + a.RowStride;
            nint column = 0;
            for (int k = 0; k < depth; k++, to += TileRows, column += a.ColumnStride)
                (to[0], to[1], to[2], to[3], to[4], to[5]) = (from[column], from1[column], from2[column], from3[column], from4[column], from5[column]);
        }

        for (int i = whole; i < rows; i++)
        {
            T* from = source + (i * a.RowStride), to = target + (whole * depth) + (i - whole);
            for (int k = 0; k < depth; k++)
                to[k * TileRows] = from[k * a.ColumnStride];
        }
    }

    [SkipLocalsInit]
    private static void Block<V, T>(T factor, MatrixView<T> a, int first, int depth, int row, T* panels, MatrixView<T> c, bool add, bool symmetric)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = 2 * V.Count, rows = Math.Min(BlockRows, a.Rows - row);
        T[] rented = ArrayPool<T>.Shared.Rent(BlockRows * Depth);
        T* tile = stackalloc T[TileRows * width];
        fixed (T* left = rented)
        {
            PackRows(a, first, depth, row, rows, left);
            for (int j = 0, p = 0; j < c.Columns; j += width, p++)
            {
                for (int i = 0; i < rows; i += TileRows)
                {
                    if (symmetric && j + width <= row + i)
                        continue;
                    Tile<V, T>(depth, left + (i * depth), panels + ((long)p * width * depth), tile);
                    Put<V, T>(factor, tile, c, row + i, j, add);
                }
            }
        }

        ArrayPool<T>.Shared.Return(rented);
    }

    private static void Put<V, T>(T factor, T* tile, MatrixView<T> c, int row, int column, bool add)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = 2 * V.Count, rows = Math.Min(TileRows, c.Rows - row), columns = Math.Min(width, c.Columns - column);
        for (int i = 0; i < rows; i++)
        {
            T* from = tile + (i * width), to = c.Data + ((row + i) * c.RowStride) + column;
            if (columns == width)
            {
                V f = V.Broadcast(factor), v0 = V.Multiply(f, V.Load(from)), v1 = V.Multiply(f, V.Load(from + V.Count));
                V.Store(add ? V.Add(v0, V.Load(to)) : v0, to);
                V.Store(add ? V.Add(v1, V.Load(to + V.Count)) : v1, to + V.Count);
                continue;
            }

            for (int j = 0; j < columns; j++)
                to[j] = add ? to[j] + (factor * from[j]) : factor * from[j];
        }
    }

    private static void Tile<V, T>(int depth, T* a, T* b, T* tile)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V c00 = V.Broadcast(T.Zero), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
        for (int k = 0; k < depth; k++, a += TileRows, b += 2 * V.Count)
        {
            V b0 = V.Load(b), b1 = V.Load(b + V.Count), x = V.Broadcast(a[0]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Broadcast(a[1]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            x = V.Broadcast(a[2]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            x = V.Broadcast(a[3]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
            x = V.Broadcast(a[4]);
            c40 = V.MultiplyAdd(x, b0, c40);
            c41 = V.MultiplyAdd(x, b1, c41);
            x = V.Broadcast(a[5]);
            c50 = V.MultiplyAdd(x, b0, c50);
            c51 = V.MultiplyAdd(x, b1, c51);
        }

        Store2(c00, c01, tile);
        Store2(c10, c11, tile + (2 * V.Count));
        Store2(c20, c21, tile + (4 * V.Count));
        Store2(c30, c31, tile + (6 * V.Count));
        Store2(c40, c41, tile + (8 * V.Count));
        Store2(c50, c51, tile + (10 * V.Count));

        static void Store2(V v0, V v1, T* target)
        {
            V.Store(v0, target);
            V.Store(v1, target + V.Count);
        }
    }
}
