using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>A closed form over rows of a row-major batch.</summary>
internal static class RowBatch
{
    /// <summary>Says what becomes of a row that was not solved.</summary>
    public delegate void Unsolved<T>(ReadOnlySpan<T> y, Span<T> z);

    public static unsafe void Project<P, T>(
        P projection,
        ReadOnlySpan<T> input,
        int columns,
        Span<T> output,
        Span<SolverStatus> statuses,
        int threads = 1,
        Unsolved<T>? unsolved = null)
        where P : IRowProjection<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(input.Length, statuses.Length, columns, nameof(input));
        Check(output.Length, statuses.Length, columns, nameof(output));
        fixed (T* from = input, to = output)
        fixed (SolverStatus* status = statuses)
        {
            // A lambda cannot hold a pointer that is fixed; the block outlives every call of it.
            (nint from, nint to, nint status) held = ((nint)from, (nint)to, (nint)status);
            RowChunks.Run(statuses.Length, ChunkRows(columns), threads, (first, count, _) =>
            {
                for (int i = first; i < first + count; i++)
                {
                    var y = new ReadOnlySpan<T>((T*)held.from + ((long)i * columns), columns);
                    var z = new Span<T>((T*)held.to + ((long)i * columns), columns);
                    SolverStatus found = projection.Project(y, z);
                    ((SolverStatus*)held.status)[i] = found;
                    if (found != SolverStatus.Solved)
                        unsolved?.Invoke(y, z);
                }
            });
        }
    }

    /// <summary><paramref name="sides"/>: ∂loss/∂b row by row, or empty.</summary>
    public static unsafe void Adjoint<P, T>(
        P projection,
        ReadOnlySpan<T> input,
        ReadOnlySpan<T> output,
        ReadOnlySpan<T> gradient,
        int rows,
        int columns,
        Span<T> inputGradient,
        Span<T> sides,
        int threads = 1)
        where P : IRowProjection<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(input.Length, rows, columns, nameof(input));
        Check(output.Length, rows, columns, nameof(output));
        Check(gradient.Length, rows, columns, nameof(gradient));
        Check(inputGradient.Length, rows, columns, nameof(inputGradient));
        if (!sides.IsEmpty)
            Check(sides.Length, rows, 1, nameof(sides));
        fixed (T* y = input, z = output, g = gradient, to = inputGradient, side = sides)
        {
            (nint y, nint z, nint g, nint to, nint side) held = ((nint)y, (nint)z, (nint)g, (nint)to, (nint)side);
            RowChunks.Run(rows, ChunkRows(columns), threads, (first, count, _) =>
            {
                for (int i = first; i < first + count; i++)
                {
                    long at = (long)i * columns;
                    T b = projection.Adjoint(
                        new ReadOnlySpan<T>((T*)held.y + at, columns),
                        new ReadOnlySpan<T>((T*)held.z + at, columns),
                        new ReadOnlySpan<T>((T*)held.g + at, columns),
                        new Span<T>((T*)held.to + at, columns));
                    if (held.side != 0)
                        ((T*)held.side)[i] = b;
                }
            });
        }
    }

    /// <summary>Chunks of about 16,000 numbers: small enough to share evenly, large enough not to be felt.</summary>
    internal static int ChunkRows(int columns) => Math.Clamp(16384 / Math.Max(columns, 1), 1, 4096);

    private static void Check(int length, int rows, int columns, string name)
    {
        if (length != (long)rows * columns)
            throw new ArgumentException($"'{name}' has {length} elements, expected {rows} rows of {columns}.", name);
    }
}
