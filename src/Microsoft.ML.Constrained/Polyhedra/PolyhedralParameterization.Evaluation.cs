using System;
using System.Buffers;
using System.Numerics;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained;

public sealed unsafe partial class PolyhedralParameterization
{
    /// <summary>What the rows that are worked on together may take of the nearest cache.</summary>
    private const int CacheBytes = 48 << 10;

    /// <summary>Doubles after each row that a kernel may overwrite.</summary>
    private const int Padding = 64;

    /// <summary>Operations of one piece of work for a thread, about.</summary>
    private const long PieceWork = 100_000;

    /// <summary>Maps rows of activations to points of the set.</summary>
    /// <param name="activations">rows × <see cref="ActivationCount"/>, row-major.</param>
    /// <param name="points">Receives rows × <see cref="Dimension"/>.</param>
    /// <param name="statuses">
    /// Empty, or receives a status a row: <see cref="SolverStatus.Solved"/>; <see cref="SolverStatus.InvalidInput"/> where an activation
    /// is a NaN or an infinity; <see cref="SolverStatus.NumericalError"/> where a point exceeds the range of its numbers. Points of the
    /// last two are NaN.
    /// </param>
    /// <param name="threads">Most threads to use; 0 for one a processor.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Map(ReadOnlySpan<float> activations, Span<float> points, Span<SolverStatus> statuses = default, int threads = 0) =>
        MapCore(activations, points, statuses, threads);

    /// <inheritdoc cref="Map(ReadOnlySpan{float}, Span{float}, Span{SolverStatus}, int)"/>
    public void Map(ReadOnlySpan<double> activations, Span<double> points, Span<SolverStatus> statuses = default, int threads = 0) =>
        MapCore(activations, points, statuses, threads);

    /// <summary>The gradients of a loss by the activations, from its gradients by the points.</summary>
    /// <param name="activations">rows × <see cref="ActivationCount"/>, as given to <c>Map</c>.</param>
    /// <param name="pointGradients">rows × <see cref="Dimension"/>: the derivatives by the points.</param>
    /// <param name="activationGradients">
    /// Receives rows × <see cref="ActivationCount"/>; zeros in rows that hold a NaN or an infinity. Where |a| has no derivative, at 0,
    /// it is taken as 0; where a point lies on the box's edge, that of the inside is taken.
    /// </param>
    /// <param name="threads">Most threads to use; 0 for one a processor.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Vjp(
        ReadOnlySpan<float> activations, ReadOnlySpan<float> pointGradients, Span<float> activationGradients, int threads = 0) =>
        VjpCore(activations, pointGradients, activationGradients, threads);

    /// <inheritdoc cref="Vjp(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, int)"/>
    public void Vjp(
        ReadOnlySpan<double> activations, ReadOnlySpan<double> pointGradients, Span<double> activationGradients, int threads = 0) =>
        VjpCore(activations, pointGradients, activationGradients, threads);

    private void MapCore<T>(ReadOnlySpan<T> activations, Span<T> points, Span<SolverStatus> statuses, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = points.Length / Dimension;
        Check(activations.Length, points.Length, rows, nameof(activations));
        if (!statuses.IsEmpty && statuses.Length != rows)
            throw new ArgumentException($"There is room for {statuses.Length} statuses but there are {rows} rows. Give one place for each.", nameof(statuses));
        fixed (T* a = activations, y = points)
        {
            fixed (SolverStatus* status = statuses)
            {
                var job = new Job<T>(this, a, y, null, status);
                RowSplitter.Run(rows, Piece, _work, threads, job.Map);
            }
        }
    }

    private void VjpCore<T>(ReadOnlySpan<T> activations, ReadOnlySpan<T> pointGradients, Span<T> activationGradients, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = pointGradients.Length / Dimension;
        Check(activations.Length, pointGradients.Length, rows, nameof(activations));
        Check(activationGradients.Length, pointGradients.Length, rows, nameof(activationGradients));
        fixed (T* a = activations, g = pointGradients, d = activationGradients)
        {
            var job = new Job<T>(this, a, g, d, null);
            RowSplitter.Run(rows, Piece, 2 * _work, threads, job.Vjp);
        }
    }

    private int Piece => (int)Math.Max(_rowsAtOnce, PieceWork / _work);

    private void Check(int activations, int points, int rows, string name)
    {
        if ((long)rows * Dimension != points || (long)rows * ActivationCount != activations)
        {
            throw new ArgumentException(
                $"There are {activations} values of activations and {points} of points; expected {ActivationCount} and {Dimension} a row.", name);
        }
    }

    /// <summary>One call's arrays, and the work on a piece of its rows.</summary>
    private sealed class Job<T>(PolyhedralParameterization owner, T* activations, T* points, T* gradients, SolverStatus* statuses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _n = owner.Dimension, _k = owner.ActivationCount;
        private readonly int _aStride = owner.ActivationCount + Padding, _yStride = owner.Dimension + Padding;
        private readonly int _sStride = owner._scratchCount + Padding;

        public void Map(int first, int count)
        {
            int together = Math.Min(owner._rowsAtOnce, count);
            double[] rented = ArrayPool<double>.Shared.Rent(checked(together * (_aStride + _yStride + _sStride)));
            Clear(rented, together);
            fixed (double* a = rented)
            {
                double* y = a + together * _aStride, scratch = y + together * _yStride;
                for (int done = 0; done < count; done += together)
                    MapTogether(first + done, Math.Min(together, count - done), a, y, scratch);
            }

            ArrayPool<double>.Shared.Return(rented);
        }

        public void Vjp(int first, int count)
        {
            int together = Math.Min(owner._rowsAtOnce, count);
            double[] rented = ArrayPool<double>.Shared.Rent(checked(together * (2 * _aStride + 2 * _yStride + _sStride)));
            Clear(rented, together);
            fixed (double* a = rented)
            {
                double* d = a + together * _aStride, g = d + together * _aStride, y = g + together * _yStride, scratch = y + together * _yStride;
                for (int done = 0; done < count; done += together)
                    VjpTogether(first + done, Math.Min(together, count - done), a, d, g, y, scratch);
            }

            ArrayPool<double>.Shared.Return(rented);
        }

        /// <summary>What pads a row must be a number, or a kernel that reads over a row's end works on slow subnormal values or NaN.</summary>
        private void Clear(double[] rented, int together) =>
            rented.AsSpan(0, Math.Min(rented.Length, together * (2 * _aStride + 2 * _yStride + _sStride))).Clear();

        private void MapTogether(int first, int count, double* a, double* y, double* scratch)
        {
            BlockRows rows = Rows(count, scratch);
            ulong* invalid = stackalloc ulong[4];
            for (int r = 0; r < count; r++)
                Read(first + r, r, a, invalid);
            Forward(rows, a, y);
            for (int r = 0; r < count; r++)
            {
                double* row = y + (long)r * _yStride;
                T* target = points + (long)(first + r) * _n;
                double factor = 1;
                if (owner._settings.BoxRadius is { } radius)
                    factor = 1 / Math.Max(1, RowConversion.Largest(row, _n) / radius);
                bool finite = owner._order.ToVariables(row, factor, target);
                bool valid = !IsSet(invalid, r);
                if (!finite || !valid)
                    new Span<T>(target, _n).Fill(T.NaN);
                if (statuses != null)
                    statuses[first + r] = !valid ? SolverStatus.InvalidInput : finite ? SolverStatus.Solved : SolverStatus.NumericalError;
            }
        }

        private void VjpTogether(int first, int count, double* a, double* d, double* g, double* y, double* scratch)
        {
            BlockRows rows = Rows(count, scratch);
            ulong* invalid = stackalloc ulong[4];
            for (int r = 0; r < count; r++)
            {
                Read(first + r, r, a, invalid);
                owner._order.ToBlocks(points + (long)(first + r) * _n, g + (long)r * _yStride);
            }

            if (owner._settings.BoxRadius is { } radius)
            {
                Forward(rows, a, y);
                for (int r = 0; r < count; r++)
                    ScaleBack(y + (long)r * _yStride, g + (long)r * _yStride, radius);
            }

            foreach (ParameterBlock block in owner._blocks)
                block.Backward(rows, a + block.FirstActivation, g + block.FirstVariable, d + block.FirstActivation);
            for (int r = 0; r < count; r++)
            {
                T* target = gradients + (long)(first + r) * _k;
                if (!RowConversion.Narrow(d + (long)r * _aStride, 1, target, _k) || IsSet(invalid, r))
                    new Span<T>(target, _k).Clear();
            }
        }

        private BlockRows Rows(int count, double* scratch) =>
            new(count, _aStride, _yStride, (nint)scratch, _sStride, owner._settings.RayActivation);

        /// <summary>Reads a row; one that is not finite is marked and replaced by zeros, so that it costs no more than others.</summary>
        private void Read(int row, int slot, double* a, ulong* invalid)
        {
            double* target = a + (long)slot * _aStride;
            if (RowConversion.Widen(activations + (long)row * _k, target, _k))
                return;
            invalid[slot >> 6] |= 1UL << (slot & 63);
            new Span<double>(target, _k).Clear();
        }

        private void Forward(in BlockRows rows, double* a, double* y)
        {
            foreach (ParameterBlock block in owner._blocks)
                block.Forward(rows, a + block.FirstActivation, y + block.FirstVariable);
        }

        private static bool IsSet(ulong* bits, int index) => (bits[index >> 6] >> (index & 63) & 1) != 0;

        /// <summary>y = u / max(1, |u|∞ / r): g becomes g / m − sign(uₖ) (g·u) / (m² r) eₖ where m = |uₖ| / r is above 1.</summary>
        private void ScaleBack(double* u, double* g, double radius)
        {
            double largest = RowConversion.Largest(u, _n), m = largest / radius;
            if (!(m > 1) || !double.IsFinite(m))
                return;
            int k = RowConversion.IndexOfLargest(u, _n, largest);
            double product = ActivationKernels.Dot(g, u, _n);
            for (int i = 0; i < _n; i++)
                g[i] /= m;
            g[k] -= Math.Sign(u[k]) * product / (m * m * radius);
        }
    }
}
