using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Mehrotra's predictor-corrector method on a batch of quadratic programs in tensor operations (the method of Amos and Kolter 2017,
/// section 3.1, with Cholesky factors throughout). With s = h − Gz and W = λ/s,
/// <code>
/// (Q + GᵀWG)·Δz + AᵀΔν = …,   AΔz = …,   Δλ = W(GΔz − …)
/// </code>
/// is factored once an iteration. A problem that comes close enough, or no closer for some iterations, leaves with its best point;
/// when half have left, the rest goes on by itself. A last Newton step on the active rows alone takes the accuracy from that of the
/// path to that of the arithmetic.
/// </summary>
internal sealed class TensorInteriorPoint
{
    private const int IterationLimit = 60;
    private const int Patience = 4;
    private const double PathTolerance = 1e-8;
    private const double Boundary = 0.995;

    private readonly int _n;
    private readonly double _tolerance;
    private readonly Tensor? _g, _a;
    private Tensor? _q, _liveG, _liveA;
    private Tensor _p, _h, _b, _z, _s, _lambda, _nu;

    /// <summary>Q, G, A: shared or one for each problem, null for zero; p, h, b: one row for each problem.</summary>
    public TensorInteriorPoint(Tensor? q, Tensor p, Tensor? g, Tensor h, Tensor? a, Tensor b, double tolerance)
    {
        _n = (int)p.shape[1];
        _tolerance = tolerance;
        (_q, _p, _liveG, _h, _liveA, _b) = (q, p, g, h, a, b);
        (_g, _a) = (g, a);
        (_z, _s, _lambda, _nu) = (zeros_like(p), ones_like(h), ones_like(h), zeros_like(b));
    }

    /// <summary>Solves; no operation is to be recorded.</summary>
    /// <returns>The points, and which of them satisfy the tolerance.</returns>
    public (Tensor Z, Tensor Lambda, Tensor Nu, Tensor Solved) Solve()
    {
        (Tensor? q, Tensor p, Tensor h, Tensor b) = (_q, _p, _h, _b);
        Tensor z = zeros_like(p), lambda = zeros_like(h), nu = zeros_like(b), slack = ones_like(h);
        if (_g is not null)
            FollowPath(z, slack, lambda, nu);
        return Finish(q, p, h, b, z, slack, lambda, nu);
    }

    private static Tensor Largest(Tensor v, double least) =>
        v.shape[1] == 0 ? full(v.shape[0], 1, least, ScalarType.Float64, v.device) : v.abs().amax(new[] { -1L }, true).clamp_min(least);

    private static Tensor Product(Tensor? m, Tensor v, Tensor like) => m is null ? zeros_like(like) : TensorKkt.Times(m, v);

    private static Tensor TransposeProduct(Tensor? m, Tensor v, Tensor like) => m is null ? zeros_like(like) : TensorKkt.TransposeTimes(m, v);

    private static Tensor Rows(Tensor t, Tensor index) => t.index_select(0, index);

    // Only what is made here may be moved: a scope takes over whatever it is asked to move.
    private static Tensor? Matrices(Tensor? t, Tensor index, DisposeScope scope) =>
        t is null || t.dim() == 2 ? t : scope.MoveToOuter(t.index_select(0, index));

    /// <summary>The largest step in [0, 1] that keeps v + step·dv positive, for each problem.</summary>
    private static Tensor Step(Tensor v, Tensor dv) =>
        where(dv.lt(0), -v / dv, ones_like(v)).amin(new[] { -1L }, true).clamp_max(1);

    /// <summary>The largest of the scaled residuals and the gap of each problem (see QuadraticProgramOptions.Tolerance).</summary>
    private static Tensor Worst(
        Tensor? q, Tensor p, Tensor? g, Tensor h, Tensor? a, Tensor b, Tensor z, Tensor lambda, Tensor nu)
    {
        Tensor qz = q is null ? zeros_like(p) : TensorKkt.Times(TensorKkt.Symmetric(q), z);
        Tensor gz = Product(g, z, h), az = Product(a, z, b);
        Tensor forces = TransposeProduct(g, lambda, p) + TransposeProduct(a, nu, p);
        Tensor primal = maximum(Largest((gz - h).clamp_min(0), 0), Largest(az - b, 0))
            / maximum(maximum(Largest(gz, 1), Largest(h, 1)), maximum(Largest(az, 1), Largest(b, 1)));
        Tensor dual = Largest(qz + p + forces, 0) / maximum(maximum(Largest(qz, 1), Largest(p, 1)), Largest(forces, 1));
        Tensor quadratic = (qz * z).sum(-1, true), linear = (p * z).sum(-1, true);
        Tensor gap = (quadratic + linear + (h * lambda).sum(-1, true) + (b * nu).sum(-1, true)).abs()
            / ((quadratic * 0.5) + linear).abs().clamp_min(1);
        Tensor worst = maximum(maximum(primal, dual), gap);
        return where(isfinite(worst), worst, full_like(worst, double.PositiveInfinity));
    }

    private void FollowPath(params Tensor[] results)
    {
        Tensor index = arange(_p.shape[0], ScalarType.Int64, _p.device);
        Tensor waiting = ones(_p.shape[0], ScalarType.Bool, _p.device);
        Tensor least = full(_p.shape[0], double.PositiveInfinity, ScalarType.Float64, _p.device), since = zeros_like(least);
        Start();
        Tensor[] best = [_z, _s, _lambda, _nu];
        for (int iteration = 0; ; iteration++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor[] old = [index, waiting, least, since, _z, _s, _lambda, _nu, .. best];
            Tensor worst = Worst(_q, _p, _liveG, _h, _liveA, _b, _z, _lambda, _nu).squeeze(-1);
            since = where(worst.lt(least * 0.5), zeros_like(since), since + 1);
            Tensor better = worst.lt(least);
            least = where(better, worst, least);
            best = Merge(better.unsqueeze(-1), [_z, _s, _lambda, _nu], best);
            Tensor leaving = iteration == IterationLimit
                ? waiting
                : waiting.logical_and(least.lt(PathTolerance).logical_or(since.ge(Patience)).logical_or(isfinite(worst).logical_not()));
            Tensor rows = leaving.nonzero().squeeze(-1);
            if (rows.shape[0] > 0)
            {
                Tensor target = Rows(index, rows);
                for (int i = 0; i < results.Length; i++)
                    results[i].index_copy_(0, target, Rows(best[i], rows));
                waiting = waiting.logical_and(leaving.logical_not());
            }

            Tensor staying = waiting.nonzero().squeeze(-1);
            if (staying.shape[0] == 0)
                return;
            if (rows.shape[0] > 0 && staying.shape[0] * 2 <= _p.shape[0])
            {
                (index, waiting, least, since) = (Rows(index, staying), Rows(waiting, staying), Rows(least, staying), Rows(since, staying));
                best = Array.ConvertAll(best, t => Rows(t, staying));
                Keep(staying, scope);
            }

            Iterate();
            Replace(scope, old, [index, waiting, least, since, _z, _s, _lambda, _nu, .. best]);
        }
    }

    private static Tensor[] Merge(Tensor better, Tensor[] now, Tensor[] before)
    {
        var merged = new Tensor[now.Length];
        for (int i = 0; i < now.Length; i++)
            merged[i] = where(better, now[i], before[i]);
        return merged;
    }

    /// <summary>Moves what is new out of the scope and disposes what it takes the place of.</summary>
    private static void Replace(DisposeScope scope, Tensor[] old, Tensor[] now)
    {
        foreach (Tensor tensor in now)
        {
            if (!Array.Exists(old, other => ReferenceEquals(other, tensor)))
                scope.MoveToOuter(tensor);
        }

        foreach (Tensor tensor in old)
        {
            if (!Array.Exists(now, other => ReferenceEquals(other, tensor)))
                tensor.Dispose();
        }
    }

    /// <summary>Only the named problems go on.</summary>
    private void Keep(Tensor rows, DisposeScope scope)
    {
        (_q, _liveG, _liveA) = (Matrices(_q, rows, scope), Matrices(_liveG, rows, scope), Matrices(_liveA, rows, scope));
        (_p, _h, _b) = scope.MoveToOuter(Rows(_p, rows), Rows(_h, rows), Rows(_b, rows));
        (_z, _s, _lambda, _nu) = (Rows(_z, rows), Rows(_s, rows), Rows(_lambda, rows), Rows(_nu, rows));
    }

    /// <summary>The solution with unit weights, then s and λ each raised to at least 1 where an element is not clearly positive.</summary>
    private void Start()
    {
        Tensor weights = ones_like(_h);
        var kkt = new TensorKkt(_q, _liveG, _liveA, weights, weights, _n);
        (_z, _lambda, _nu) = kkt.Solve(-_p, _h, _b, 1);
        _s = -_lambda;
        _s = Raised(_s);
        _lambda = Raised(_lambda);
    }

    private static Tensor Raised(Tensor v)
    {
        Tensor least = v.amin(new[] { -1L }, true);
        return v + where(least.lt(1e-3), (-least) + 1, zeros_like(least));
    }

    private void Iterate()
    {
        Tensor rd = _p + TransposeProduct(_liveG, _lambda, _p) + TransposeProduct(_liveA, _nu, _p);
        if (_q is not null)
            rd = rd + TensorKkt.Times(TensorKkt.Symmetric(_q), _z);
        Tensor rp = Product(_liveG, _z, _h) + _s - _h;
        Tensor re = Product(_liveA, _z, _b) - _b;
        var kkt = new TensorKkt(_q, _liveG, _liveA, _lambda / _s, _s / _lambda, _n);
        Tensor mean = (_s * _lambda).mean(new[] { -1L }, true);

        Tensor rc = _s * _lambda;
        (_, Tensor dl, _) = kkt.Solve(-rd, (rc / _lambda) - rp, -re, 0);
        Tensor ds = -(rc + (_s * dl)) / _lambda;
        Tensor step = minimum(Step(_s, ds), Step(_lambda, dl));
        Tensor affine = ((_s + (step * ds)) * (_lambda + (step * dl))).mean(new[] { -1L }, true);
        Tensor ratio = affine / mean;

        rc = rc + (ds * dl) - (ratio * ratio * ratio * mean);
        (Tensor dz, dl, Tensor dn) = kkt.Solve(-rd, (rc / _lambda) - rp, -re, 2);
        ds = -(rc + (_s * dl)) / _lambda;
        step = (minimum(Step(_s, ds), Step(_lambda, dl)) * Boundary).clamp_max(1);

        // A full step where nothing is in the way.
        step = where(step.ge(Boundary), ones_like(step), step);
        step = where(minimum((_s + (step * ds)).amin(new[] { -1L }, true), (_lambda + (step * dl)).amin(new[] { -1L }, true)).gt(0), step, step * Boundary);
        _z = _z + (step * dz);
        _s = _s + (step * ds);
        _lambda = _lambda + (step * dl);
        _nu = _nu + (step * dn);
    }

    /// <summary>Newton on the active rows as equalities, taken where it is no worse and λ stays nonnegative.</summary>
    private (Tensor Z, Tensor Lambda, Tensor Nu, Tensor Solved) Finish(
        Tensor? q, Tensor p, Tensor h, Tensor b, Tensor z, Tensor slack, Tensor lambda, Tensor nu)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor before = Worst(q, p, _g, h, _a, b, z, lambda, nu);
        Tensor weights = _g is null ? zeros_like(lambda) : TensorAdjoint.Weights(q, _g, lambda.gt(slack), lambda);
        Tensor active = weights.gt(0).to(ScalarType.Float64);
        Tensor kept = lambda * active;
        Tensor r = -(p + TransposeProduct(_g, kept, p) + TransposeProduct(_a, nu, p));
        if (q is not null)
            r = r - TensorKkt.Times(TensorKkt.Symmetric(q), z);
        var kkt = new TensorKkt(q, _g, _a, weights, zeros_like(weights), _n);
        (Tensor dz, Tensor dl, Tensor dn) = kkt.Solve(r, active * (h - Product(_g, z, h)), b - Product(_a, z, b), 4);
        Tensor nl = kept + (dl * active);
        Tensor negative = nl.shape[1] == 0 ? zeros_like(before) : -nl.amin(new[] { -1L }, true).clamp_max(0);
        (Tensor nz, Tensor nn) = (z + dz, nu + dn);
        nl = nl.clamp_min(0);
        Tensor after = Worst(q, p, _g, h, _a, b, nz, nl, nn);
        Tensor better = after.le(maximum(before, full_like(before, 1e-12))).logical_and(negative.le(Largest(nl, 1) * 1e-9));
        Tensor solved = where(better, after, before).le(_tolerance).squeeze(-1);
        scope.MoveToOuter(solved);
        (z, lambda, nu) = (where(better, nz, z), where(better, nl, lambda), where(better, nn, nu));
        scope.MoveToOuter(z, lambda, nu);
        return (z, lambda, nu, solved);
    }
}
