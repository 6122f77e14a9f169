using System;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// minimise ½‖z − y‖² + ½‖s‖²/δ  subject to  l ≤ A z + s ≤ u  (without s where the ridge δ is 0), rows of A of unit length.
/// Optimality: z = y − A'μ, s = −δμ, μᵢ ≥ 0 where row i is at its upper bound, ≤ 0 at its lower, 0 elsewhere.
/// A dual active-set method (Goldfarb and Idnani, Math. Programming 27, 1983, 1–33) that lives in the space of rows: with the Gram
/// matrix G = AA' + δI the residual r = Ay − Gμ is updated by columns of G, so that a step costs k·m for k active rows whatever n is.
/// The inverse of the active Gram block is bordered and shrunk as rows come and go; at the end z is computed from the multipliers,
/// all residuals from z, and the active equations are refined with the true residuals until they hold.
/// The method ends: each full step raises the dual objective.
/// </summary>
internal sealed unsafe partial class DualActiveSet
{
    /// <summary>Above this many rows the Gram matrix (rows² doubles) is not kept; its columns are computed when rows become active.</summary>
    public const int MaximumGramRows = 2048;

    /// <summary>Relative size of a violation that is left to rounding.</summary>
    private const double Rounding = 1e-12;

    /// <summary>Below this squared distance to the span of the active rows a row is looked at more closely.</summary>
    private const double SmallCurvature = 1e-6;

    private readonly PinnedBuffer<double> _matrix;
    private readonly PinnedBuffer<double> _transposed;
    private readonly PinnedBuffer<double>? _gram;
    private readonly double _ridge;
    private readonly double _tolerance;
    private readonly double[] _coarseness;
    private readonly int _capacity;

    /// <param name="matrix">A, row-major, rows × dimension; each row of unit length.</param>
    /// <param name="dimension">n.</param>
    /// <param name="ridge">δ ≥ 0.</param>
    /// <param name="tolerance">Largest violation, relative to the scale of the row's data, that a solved row may have.</param>
    /// <param name="gramLimit">For tests of the route without a Gram matrix.</param>
    /// <param name="coarseness">For each row by how much its bounds are coarser than the tolerance says; empty for 1 everywhere.</param>
    public DualActiveSet(
        ReadOnlySpan<double> matrix,
        int dimension,
        double ridge,
        double tolerance,
        int gramLimit = MaximumGramRows,
        ReadOnlySpan<double> coarseness = default)
    {
        Dimension = dimension;
        Rows = dimension == 0 ? 0 : matrix.Length / dimension;
        int width = Width;
        PaddedDimension = Pad(dimension, width);
        PaddedRows = Pad(Rows, width);
        _capacity = ridge > 0 ? Rows : Math.Min(Rows, dimension);
        PaddedCapacity = Pad(_capacity + 1, width);
        _ridge = ridge;
        _tolerance = tolerance;
        _coarseness = new double[Rows];
        if (coarseness.IsEmpty)
            _coarseness.AsSpan().Fill(1);
        else
            coarseness.CopyTo(_coarseness);
        _matrix = new(checked(Rows * PaddedDimension));
        _transposed = new(checked(dimension * PaddedRows));
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                _matrix.Span[(i * PaddedDimension) + j] = matrix[(i * dimension) + j];
                _transposed.Span[(j * PaddedRows) + i] = matrix[(i * dimension) + j];
            }
        }

        if (Rows <= gramLimit)
            _gram = Gram();
    }

    public int Dimension { get; }

    public int Rows { get; }

    public int PaddedDimension { get; }

    public int PaddedRows { get; }

    /// <summary>Length of an array with a place for each row that can be active at once, and one more.</summary>
    public int PaddedCapacity { get; }

    public bool HoldsGram => _gram is not null;

    private static int Width =>
        Vector512.IsHardwareAccelerated ? 8 : Vector256.IsHardwareAccelerated ? 4 : Vector128.IsHardwareAccelerated ? 2 : 1;

    /// <summary>
    /// Solves the problem in <see cref="DualActiveSetWorkspace.Point"/>, <see cref="DualActiveSetWorkspace.Lower"/> and
    /// <see cref="DualActiveSetWorkspace.Upper"/>. The bounds are overwritten; those of padding rows must be infinite.
    /// </summary>
    public SolverStatus Solve(DualActiveSetWorkspace w)
    {
        SolverStatus status =
            Vector512.IsHardwareAccelerated ? Solve<Simd512<double>>(w) :
            Vector256.IsHardwareAccelerated ? Solve<Simd256<double>>(w) :
            Vector128.IsHardwareAccelerated ? Solve<Simd128<double>>(w) :
            Solve<SimdScalar<double>>(w);
        GC.KeepAlive(this);
        GC.KeepAlive(w);
        return status;
    }

    public ReadOnlySpan<double> Row(int row) => _matrix.Span.Slice(row * PaddedDimension, Dimension);

    /// <summary>An element of the Gram matrix.</summary>
    public double Product(int left, int right) => _gram is not null
        ? _gram.Span[(left * PaddedRows) + right]
        : SpanKernels.Dot(Row(left), Row(right)) + (left == right ? _ridge : 0);

    private static int Pad(int length, int width) => (Math.Max(length, 1) + width - 1) / width * width;

    private PinnedBuffer<double> Gram()
    {
        var gram = new PinnedBuffer<double>(checked(Math.Max(Rows, 1) * PaddedRows));
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double product = 0;
                for (int c = 0; c < Dimension; c++)
                    product += _matrix.Span[(i * PaddedDimension) + c] * _matrix.Span[(j * PaddedDimension) + c];
                if (i == j)
                    product += _ridge;
                gram.Span[(i * PaddedRows) + j] = product;
                gram.Span[(j * PaddedRows) + i] = product;
            }
        }

        return gram;
    }

    private SolverStatus Solve<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        w.Count = 0;
        w.Iterations = 0;
        w.InfeasibleRow = -1;
        w.IsDelicate = false;
        w.Careful = false;
        w.Scale = Math.Sqrt(RowKernels.Dot<V>(w.Point, w.Point, PaddedDimension));
        SolverStatus status = Iterate<V>(w);
        if (_ridge == 0 && (w.IsDelicate || status is SolverStatus.NumericalError or SolverStatus.IterationLimit))
        {
            for (int j = 0; j < w.Count; j++)
                Release(w, j);
            w.Count = 0;
            w.Iterations = 0;
            w.InfeasibleRow = -1;
            StartCarefully(w);
            status = Iterate<V>(w);
        }

        return status;
    }

    private SolverStatus Iterate<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        Residuals<V>(w, w.Point);
        int limit = 100 + (10 * (Rows + Dimension));
        for (int polishes = 0; ;)
        {
            w.Violation = RowKernels.LargestViolation<V>(w.Residual, w.Lower, w.Upper, PaddedRows, out int worst);
            w.Worst = worst;
            if (!(w.Violation > Threshold(w, worst)))
            {
                if (Polish<V>(w, ref polishes, out SolverStatus status))
                    return status;
                continue;
            }

            bool contradiction = w.Iterations < limit && !AddRow<V>(w, limit);
            if (contradiction || (w.IsDelicate && !w.Careful) || w.Iterations >= limit)
            {
                if (!w.Careful)
                    Recover<V>(w);
                return contradiction ? SolverStatus.PrimalInfeasible : SolverStatus.IterationLimit;
            }
        }
    }

    /// <summary>What rounding may leave of row <paramref name="row"/>.</summary>
    private static double Threshold(DualActiveSetWorkspace w, int row)
    {
        double bound = w.Residual[row] > w.Upper[row] ? w.Upper[row] : w.Lower[row];
        return Rounding * Math.Max(w.Scale, double.IsFinite(bound) ? Math.Abs(bound) : 0);
    }

    /// <summary>r = A x − δμ, row by row.</summary>
    private void Residuals<V>(DualActiveSetWorkspace w, double* x)
        where V : struct, ISimd<V, double>
    {
        RowKernels.AddRows<V>(w.Zeros, Dimension, x, w.Identity, _transposed.Pointer, PaddedRows, w.Residual, PaddedRows);
        if (_ridge > 0)
        {
            for (int j = 0; j < w.Count; j++)
                w.Residual[w.Active[j]] -= _ridge * w.Multiplier[j];
        }
    }

    private double* GramRows(DualActiveSetWorkspace w) => _gram is null ? w.Columns : _gram.Pointer;

    /// <summary>Makes the most violated row active, dropping rows that stand in its way. False where the rows contradict each other.</summary>
    private bool AddRow<V>(DualActiveSetWorkspace w, int limit)
        where V : struct, ISimd<V, double>
    {
        int q = w.Worst;
        bool above = w.Residual[q] > w.Upper[q];
        double side = above ? 1 : -1;
        double bound = above ? w.Upper[q] : w.Lower[q];
        w.Scale = Math.Max(w.Scale, Math.Abs(bound));
        Enter<V>(w, q, above);
        double* gram = GramRows(w);
        while (w.Iterations < limit)
        {
            w.Iterations++;
            int k = w.Count;
            double curvature = Combine<V>(w, gram, q);
            if (w.IsDelicate && !w.Careful)
                break;
            double violation = Math.Max(side * (w.Residual[q] - bound), 0);
            int blocking = Blocking<V>(w, side, curvature > 0 ? violation / curvature : double.PositiveInfinity, out double step);
            if (double.IsPositiveInfinity(step))
            {
                if (Relax<V>(w, side, violation))
                    return true;
                w.InfeasibleRow = q;
                Release(w, k);
                return false;
            }

            // The combination holds −1 for row q itself, so one loop moves all the multipliers and residuals.
            RowKernels.Move<V>(w.Combination, side * step, w.Column, w.Multiplier, Pad(k + 1, V.Count));
            if (w.Careful)
                MoveOrthogonally<V>(w, side * step, curvature);
            else if (curvature > 0)
                RowKernels.AddRows<V>(w.Residual, k + 1, w.Column, w.Slot, gram, PaddedRows, w.Residual, PaddedRows);
            if (blocking < 0)
            {
                Border<V>(w, curvature);
                return true;
            }

            Leave<V>(w, blocking);
        }

        Release(w, w.Count);
        return true;
    }
}
