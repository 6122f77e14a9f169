using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The method of <see cref="ActiveSetSolver{TLane, TVector}"/> on as many problems at once as a register has lanes. The active part of
/// R becomes R with the inactive rows and columns replaced by those of the identity, so that all lanes do the same work. A lane whose
/// rows are all on the right side stays as it is while the others go on; one that does not settle is reported and solved by itself.
/// </summary>
internal sealed unsafe class LaneSolver<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private const double SmallestPivot = 1e-12;
    private const double DependentRow = 1e-11;
    private const double SignTolerance = 1e-12;
    private const double RefineAbove = 1e-12;
    private const int RoundLimit = 12, ShortRoundLimit = 6;
    private const int Patience = 2;

    private readonly int _n, _m, _p, _rows;
    private readonly PinnedBuffer _memory = new();
    private readonly double* _packed, _q, _c, _gram, _ownFactor, _ownActive;
    private readonly double* _u, _z, _qz, _cty, _cost, _rz, _otherZ, _right, _y, _otherY, _s, _d, _constant, _root, _cz, _wrong;
    private double* _factor, _matrix, _flags;
    private TVector _iterations;

    public LaneSolver(int variables, int inequalities, int equalities)
    {
        (_n, _m, _p) = (variables, inequalities, equalities);
        _rows = inequalities + equalities;
        int n = _n, r = _rows, w = TLane.Width;
        double* next = _memory.Ensure(w * ((long)FactorElements + ActiveElements + (2L * n * n) + ((long)r * n) + ((long)r * r) + (8L * n) + (10L * r) + 64));
        _packed = Take(ref next, n * n);
        _q = Take(ref next, n * n);
        _c = Take(ref next, r * n);
        _gram = Take(ref next, r * r);
        _ownFactor = Take(ref next, FactorElements);
        _ownActive = Take(ref next, ActiveElements);
        _u = Take(ref next, n);
        _z = Take(ref next, n);
        _qz = Take(ref next, n);
        _cty = Take(ref next, n);
        _cost = Take(ref next, n);
        _rz = Take(ref next, n);
        _otherZ = Take(ref next, n);
        _right = Take(ref next, r);
        _y = Take(ref next, r);
        _otherY = Take(ref next, r);
        _s = Take(ref next, r);
        _d = Take(ref next, r);
        _constant = Take(ref next, r);
        _root = Take(ref next, r);
        _cz = Take(ref next, r);
        _wrong = Take(ref next, r);
    }

    /// <summary>Elements of [L; W], with the reciprocals of L's diagonal.</summary>
    public int FactorElements => (_n + _rows) * _n;

    /// <summary>Elements of the active part's factor and of the flags.</summary>
    public int ActiveElements => (_rows * _rows) + _rows;

    /// <summary>Per lane: z.</summary>
    public double* Z => _z;

    /// <summary>Per lane: [ν; λ].</summary>
    public double* Multipliers => _y;

    /// <summary>Per lane: all bits of an active row's element are set.</summary>
    public double* Flags => _flags;

    /// <summary>Per lane: the measures of the last solve.</summary>
    public LaneMeasures<TVector> Measures { get; private set; }

    /// <summary>Per lane: how many factorisations of the active part there were.</summary>
    public TVector Iterations => _iterations;

    /// <summary>Takes over the matrices of one problem to a lane, and factors them.</summary>
    /// <param name="data">One problem to a lane.</param>
    /// <param name="factor">Where [L; W] goes; null for this object's own memory.</param>
    /// <returns>A mask: the lanes whose Q is safely positive definite.</returns>
    public TVector Load(ReadOnlySpan<ProblemData> data, double* factor)
    {
        int n = _n, w = TLane.Width;
        double** sources = stackalloc double*[w];
        _factor = factor == null ? _ownFactor : factor;
        for (int t = 0; t < w; t++)
            sources[t] = data[t].Q;
        LaneKernels<TLane, TVector>.Interleave(sources, n * n, _packed);
        TVector half = TLane.Broadcast(0.5);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                TVector value = TLane.Multiply(half, TLane.Add(At(_packed, (i * n) + j), At(_packed, (j * n) + i)));
                Put(_q, (i * n) + j, value);
                Put(_q, (j * n) + i, value);
                Put(_factor, (i * n) + j, value);
            }
        }

        for (int t = 0; t < w; t++)
            sources[t] = data[t].A;
        LaneKernels<TLane, TVector>.Interleave(sources, _p * n, _c);
        for (int t = 0; t < w; t++)
            sources[t] = data[t].G;
        LaneKernels<TLane, TVector>.Interleave(sources, _m * n, _c + ((long)_p * n * w));
        Buffer.MemoryCopy(_c, _factor + ((long)n * n * w), 8L * _rows * n * w, 8L * _rows * n * w);
        TVector good = LaneKernels<TLane, TVector>.Factor(_factor, n + _rows, n, n, SmallestPivot);
        LaneKernels<TLane, TVector>.Gram(_factor + ((long)n * n * w), _rows, n, _gram);
        for (int i = 0; i < _rows; i++)
            Put(_root, i, TLane.Sqrt(At(_gram, (i * _rows) + i)));
        return good;
    }

    /// <summary>Solves the problems whose matrices were loaded.</summary>
    /// <param name="data">One problem to a lane.</param>
    /// <param name="guess">For each lane its active rows to begin with; null for none.</param>
    /// <param name="active">Where the active part's factor and the flags go; null for this object's own memory.</param>
    /// <param name="tolerance">Of the scaled residuals.</param>
    /// <returns>A mask: the lanes that were solved (if their Q was positive definite).</returns>
    public TVector Solve(ReadOnlySpan<ProblemData> data, byte** guess, double* active, double tolerance)
    {
        int n = _n, w = TLane.Width;
        _matrix = active == null ? _ownActive : active;
        _flags = _matrix + ((long)_rows * _rows * w);
        TVector finite = Prepare(data);
        TVector all = TLane.Less(default, TLane.Broadcast(1));
        for (int i = 0; i < _rows; i++)
        {
            Put(_flags, i, i < _p ? all : default);
            for (int t = 0; t < w && guess != null; t++)
            {
                if (i >= _p && guess[t][i] != 0)
                    ((long*)_flags)[(i * w) + t] = -1;
            }
        }

        TVector settled = Pivot(finite);
        for (int i = _p; i < _rows; i++)
            Put(_y, i, TLane.Max(At(_y, i), default));
        Buffer.MemoryCopy(_u, _z, 8L * n * w, 8L * n * w);
        double* rows = _factor + ((long)n * n * w);
        for (int i = 0; i < _rows; i++)
            LaneKernels<TLane, TVector>.AddScaled(At(_y, i), rows + ((long)i * n * w), _z, n);
        LaneKernels<TLane, TVector>.Backward(_factor, n, n, _z);
        for (int i = 0; i < n; i++)
            Put(_z, i, TLane.Negate(At(_z, i)));
        LaneMeasures<TVector> measures = Residuals(_z, _y);
        for (int round = 0; round < 2; round++)
        {
            TVector poor = TLane.And(settled, TLane.Less(TLane.Broadcast(RefineAbove), measures.Worst));
            if (TLane.Bits(poor) == 0)
                break;
            Refine(poor, ref measures);
        }

        Measures = measures;
        return TLane.And(settled, TLane.Less(measures.Worst, TLane.Broadcast(Math.BitIncrement(tolerance))));
    }

    /// <summary>Goes on with a copy of the factor of the matrices loaded last.</summary>
    public void UseFactor(double* factor) => _factor = factor;

    /// <summary>In place, one problem to a lane: from the loss's gradients in z and y to the adjoint's dz and dy.</summary>
    /// <param name="factor">[L; W].</param>
    /// <param name="active">The active part's factor and the flags.</param>
    /// <param name="gz">n elements.</param>
    /// <param name="gy">One element for each row.</param>
    public void Adjoint(double* factor, double* active, double* gz, double* gy)
    {
        _factor = factor;
        _matrix = active;
        _flags = active + ((long)_rows * _rows * TLane.Width);
        SolveActiveSystem(gz, gy);
    }

    private TVector Prepare(ReadOnlySpan<ProblemData> data)
    {
        int n = _n, w = TLane.Width;
        double** sources = stackalloc double*[w];
        for (int t = 0; t < w; t++)
            sources[t] = data[t].P;
        LaneKernels<TLane, TVector>.Interleave(sources, n, _cost);
        for (int t = 0; t < w; t++)
            sources[t] = data[t].B;
        LaneKernels<TLane, TVector>.Interleave(sources, _p, _d);
        for (int t = 0; t < w; t++)
            sources[t] = data[t].H;
        LaneKernels<TLane, TVector>.Interleave(sources, _m, _d + (_p * w));
        Buffer.MemoryCopy(_cost, _u, 8L * n * w, 8L * n * w);
        LaneKernels<TLane, TVector>.Forward(_factor, n, n, _u);
        TVector infinite = TLane.Broadcast(double.PositiveInfinity);
        TVector finite = TLane.Less(default, infinite);
        double* rows = _factor + ((long)n * n * w);
        for (int i = 0; i < _rows; i++)
        {
            TVector c = TLane.Add(At(_d, i), LaneKernels<TLane, TVector>.Dot(rows + ((long)i * n * w), _u, n));
            Put(_constant, i, c);
            finite = TLane.And(finite, TLane.And(TLane.Less(TLane.Abs(c), infinite), TLane.Less(At(_root, i), infinite)));
        }

        for (int i = 0; i < n; i++)
            finite = TLane.And(finite, TLane.Less(TLane.Abs(At(_u, i)), infinite));
        return finite;
    }

    /// <summary>Block principal pivoting; returns the lanes in which every row ended on its right side.</summary>
    private TVector Pivot(TVector running)
    {
        TVector one = TLane.Broadcast(1), settled = default;
        TVector best = TLane.Broadcast(1e9), patience = TLane.Broadcast(Patience);
        _iterations = default;
        // With more rows than variables a lane that is not done soon seldom is at all.
        int limit = _rows <= _n + (_n / 4) ? RoundLimit : ShortRoundLimit;
        for (int round = 0; round < limit; round++)
        {
            _iterations = TLane.Add(_iterations, TLane.And(running, one));
            SolveMultipliers();
            TVector wrong = FindWrong(out TVector contradiction);
            TVector done = TLane.And(running, TLane.Less(wrong, TLane.Broadcast(0.5)));
            done = AndNot(done, contradiction);
            settled = TLane.Or(settled, done);
            running = AndNot(AndNot(running, done), contradiction);
            TVector better = TLane.Less(wrong, best);
            best = TLane.Select(better, wrong, best);
            patience = TLane.Select(better, TLane.Broadcast(Patience), TLane.Subtract(patience, one));
            running = AndNot(running, TLane.Less(patience, default));
            if (TLane.Bits(running) == 0)
                break;
            for (int i = _p; i < _rows; i++)
                Put(_flags, i, TLane.Xor(At(_flags, i), TLane.And(running, At(_wrong, i))));
        }

        return settled;
    }

    /// <summary>y from R·y = −c on the active rows, zero elsewhere; then s = c + Ry.</summary>
    private void SolveMultipliers()
    {
        int r = _rows;
        TVector one = TLane.Broadcast(1);
        for (int i = 0; i < r; i++)
        {
            TVector flag = At(_flags, i);
            for (int j = 0; j < i; j++)
                Put(_matrix, (i * r) + j, TLane.And(TLane.And(flag, At(_flags, j)), At(_gram, (i * r) + j)));
            Put(_matrix, (i * r) + i, TLane.Select(flag, At(_gram, (i * r) + i), one));
            Put(_y, i, TLane.And(flag, TLane.Negate(At(_constant, i))));
        }

        LaneKernels<TLane, TVector>.Factor(_matrix, r, r, r, DependentRow);
        LaneKernels<TLane, TVector>.Forward(_matrix, r, r, _y);
        LaneKernels<TLane, TVector>.Backward(_matrix, r, r, _y);
        for (int i = 0; i < r; i++)
            Put(_s, i, TLane.Add(At(_constant, i), LaneKernels<TLane, TVector>.Dot(_gram + ((long)i * r * TLane.Width), _y, r)));
    }

    /// <summary>Marks the rows on the wrong side and counts them; tells the lanes whose equalities contradict one another.</summary>
    private TVector FindWrong(out TVector contradiction)
    {
        TVector norm = TLane.Max(TLane.Negate(LaneKernels<TLane, TVector>.Dot(_y, _constant, _rows)), default);
        TVector sign = TLane.Broadcast(SignTolerance), one = TLane.Broadcast(1);
        norm = TLane.Multiply(sign, TLane.Sqrt(norm));
        TVector count = default;
        contradiction = default;
        for (int i = 0; i < _rows; i++)
        {
            TVector root = At(_root, i), slack = At(_s, i);
            TVector margin = TLane.MultiplyAdd(root, norm, TLane.Multiply(sign, TLane.Abs(At(_constant, i))));
            if (i < _p)
            {
                contradiction = TLane.Or(contradiction, TLane.Less(TLane.Multiply(TLane.Broadcast(1e4), margin), TLane.Abs(slack)));
                continue;
            }

            TVector minus = TLane.Negate(slack);
            TVector inside = TLane.Or(
                TLane.Less(TLane.Multiply(At(_y, i), root), TLane.Negate(norm)),
                TLane.Less(TLane.Multiply(TLane.Broadcast(1e3), margin), minus));
            TVector wrong = TLane.Select(At(_flags, i), inside, TLane.Less(margin, minus));
            Put(_wrong, i, wrong);
            count = TLane.Add(count, TLane.And(wrong, one));
        }

        return count;
    }

    /// <summary>One Newton step on the active rows of the lanes in <paramref name="lanes"/>, kept by those it helps.</summary>
    private void Refine(TVector lanes, ref LaneMeasures<TVector> measures)
    {
        int n = _n, w = TLane.Width;
        for (int i = 0; i < n; i++)
            Put(_rz, i, TLane.Add(TLane.Add(At(_qz, i), At(_cost, i)), At(_cty, i)));
        for (int i = 0; i < _rows; i++)
            Put(_right, i, TLane.Subtract(At(_cz, i), At(_d, i)));
        SolveActiveSystem(_rz, _right);
        for (int i = 0; i < n; i++)
            Put(_otherZ, i, TLane.Add(At(_z, i), At(_rz, i)));
        for (int i = 0; i < _rows; i++)
        {
            TVector y = TLane.Add(At(_y, i), At(_right, i));
            Put(_otherY, i, i < _p ? y : TLane.Max(y, default));
        }

        LaneMeasures<TVector> other = Residuals(_otherZ, _otherY);
        TVector take = TLane.And(lanes, TLane.Less(other.Worst, measures.Worst));
        for (int i = 0; i < n; i++)
            Put(_z, i, TLane.Select(take, At(_otherZ, i), At(_z, i)));
        for (int i = 0; i < _rows; i++)
            Put(_y, i, TLane.Select(take, At(_otherY, i), At(_y, i)));
        measures = Residuals(_z, _y);
    }

    /// <summary>In place: the solution of <c>[Q C_Fᵀ; C_F 0]·(dz, dy) = −(rz, right)</c>.</summary>
    private void SolveActiveSystem(double* rz, double* right)
    {
        int n = _n, r = _rows, w = TLane.Width;
        double* rows = _factor + ((long)n * n * w);
        LaneKernels<TLane, TVector>.Forward(_factor, n, n, rz);
        for (int i = 0; i < r; i++)
        {
            TVector rest = TLane.Subtract(At(right, i), LaneKernels<TLane, TVector>.Dot(rows + ((long)i * n * w), rz, n));
            Put(right, i, TLane.And(At(_flags, i), rest));
        }

        LaneKernels<TLane, TVector>.Forward(_matrix, r, r, right);
        LaneKernels<TLane, TVector>.Backward(_matrix, r, r, right);
        for (int i = 0; i < r; i++)
            LaneKernels<TLane, TVector>.AddScaled(At(right, i), rows + ((long)i * n * w), rz, n);
        LaneKernels<TLane, TVector>.Backward(_factor, n, n, rz);
        for (int i = 0; i < n; i++)
            Put(rz, i, TLane.Negate(At(rz, i)));
    }

    private LaneMeasures<TVector> Residuals(double* z, double* y)
    {
        int n = _n, w = TLane.Width;
        TVector one = TLane.Broadcast(1), dual = default, dualScale = one, quadratic = default, linear = default;
        new Span<double>(_cty, n * w).Clear();
        TVector primal = default, primalScale = one, constraint = default;
        for (int i = 0; i < _rows; i++)
        {
            double* row = _c + ((long)i * n * w);
            TVector d = At(_d, i), yi = At(y, i), cz = LaneKernels<TLane, TVector>.Dot(row, z, n);
            Put(_cz, i, cz);
            TVector violation = TLane.Subtract(cz, d);
            primal = TLane.Max(primal, i < _p ? TLane.Abs(violation) : violation);
            primalScale = TLane.Max(primalScale, TLane.Max(TLane.Abs(cz), TLane.Abs(d)));
            constraint = TLane.MultiplyAdd(d, yi, constraint);
            LaneKernels<TLane, TVector>.AddScaled(yi, row, _cty, n);
        }

        for (int i = 0; i < n; i++)
        {
            TVector a = LaneKernels<TLane, TVector>.Dot(_q + ((long)i * n * w), z, n), b = At(_cost, i), c = At(_cty, i), zi = At(z, i);
            Put(_qz, i, a);
            dual = TLane.Max(dual, TLane.Abs(TLane.Add(TLane.Add(a, b), c)));
            dualScale = TLane.Max(dualScale, TLane.Max(TLane.Abs(a), TLane.Max(TLane.Abs(b), TLane.Abs(c))));
            quadratic = TLane.MultiplyAdd(a, zi, quadratic);
            linear = TLane.MultiplyAdd(b, zi, linear);
        }

        TVector objective = TLane.MultiplyAdd(TLane.Broadcast(0.5), quadratic, linear);
        TVector gap = TLane.Abs(TLane.Add(TLane.Add(quadratic, linear), constraint));
        return new LaneMeasures<TVector>
        {
            Objective = objective,
            Primal = TLane.Divide(primal, primalScale),
            Dual = TLane.Divide(dual, dualScale),
            Gap = TLane.Divide(gap, TLane.Max(one, TLane.Abs(objective))),
            Worst = TLane.Max(TLane.Divide(primal, primalScale), TLane.Max(TLane.Divide(dual, dualScale), TLane.Divide(gap, TLane.Max(one, TLane.Abs(objective))))),
        };
    }

    private static TVector At(double* source, int element) => TLane.Load(source + ((long)element * TLane.Width));

    private static void Put(double* target, int element, TVector value) => TLane.Store(target + ((long)element * TLane.Width), value);

    private static TVector AndNot(TVector a, TVector b) => TLane.Select(b, default, a);

    private static double* Take(ref double* next, int elements)
    {
        double* taken = next;
        next += (long)elements * TLane.Width;
        return taken;
    }
}
