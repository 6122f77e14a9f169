using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Batches of systems
/// <code>
/// [Q  Gᵀ  Aᵀ] [x]   [r]
/// [G  −E  0 ] [y] = [s]     on rows with D &gt; 0; y = 0 on the others
/// [A   0  0 ] [w]   [t]
/// </code>
/// by the Cholesky factor of H = Q + GᵀDG + δI and that of A·H⁻¹·Aᵀ + δI, with D ≈ 1/E, and iterative refinement against the system as
/// it stands. Rows with E = 0 take a D large enough for the refinement to reach them. All operations may be recorded.
/// </summary>
internal sealed class TensorKkt
{
    private const double Regularization = 1e-12;

    private readonly Tensor? _q, _g, _a;
    private readonly Tensor _d, _mask, _e, _factor;
    private readonly Tensor? _back, _schur;

    /// <summary>Factors.</summary>
    /// <param name="q">n × n, shared or not; null for zero.</param>
    /// <param name="g">Null where there are no inequalities.</param>
    /// <param name="a">Null where there are no equalities.</param>
    /// <param name="d">Batch × m, not negative.</param>
    /// <param name="e">Batch × m.</param>
    /// <param name="variables">n.</param>
    public TensorKkt(Tensor? q, Tensor? g, Tensor? a, Tensor d, Tensor e, int variables)
    {
        _q = q;
        _g = g;
        _a = a;
        _d = d;
        _e = e;
        _mask = d.gt(0).to(ScalarType.Float64);
        Tensor identity = eye(variables, variables, ScalarType.Float64, d.device);
        Tensor h = identity.unsqueeze(0).expand(d.shape[0], variables, variables) * Regularization;
        if (q is not null)
            h = h + Symmetric(q);
        if (g is not null)
            h = h + g.mT.matmul(d.unsqueeze(-1) * g);

        // Relative to the problem's own scale, so that a large one is regularised as well.
        Tensor scale = h.detach().diagonal(0, -2, -1).abs().sum(-1, true).unsqueeze(-1) * (Regularization / variables);
        (_factor, _) = linalg.cholesky_ex(h + (identity * scale));
        if (a is not null)
        {
            Tensor at = a.dim() == 2 ? a.mT.unsqueeze(0).expand(d.shape[0], variables, a.shape[0]) : a.mT;
            _back = at.cholesky_solve(_factor);
            Tensor s = a.matmul(_back);
            Tensor unit = eye(a.shape[^2], a.shape[^2], ScalarType.Float64, d.device);
            Tensor size = s.detach().diagonal(0, -2, -1).abs().sum(-1, true).unsqueeze(-1) * (Regularization / a.shape[^2]);
            (_schur, _) = linalg.cholesky_ex(s + (unit * (size + Regularization)));
        }
    }

    /// <summary>M·v for a matrix that is shared or one for each problem.</summary>
    public static Tensor Times(Tensor m, Tensor v) => m.dim() == 2 ? v.matmul(m.mT) : m.matmul(v.unsqueeze(-1)).squeeze(-1);

    /// <summary>Mᵀ·v.</summary>
    public static Tensor TransposeTimes(Tensor m, Tensor v) => m.dim() == 2 ? v.matmul(m) : m.mT.matmul(v.unsqueeze(-1)).squeeze(-1);

    /// <summary>Only the symmetric part of Q counts.</summary>
    public static Tensor Symmetric(Tensor q) => (q + q.mT) * 0.5;

    /// <summary>Solves, with the given number of refinements, each kept only where it helps.</summary>
    public (Tensor X, Tensor Y, Tensor W) Solve(Tensor r, Tensor s, Tensor t, int refinements)
    {
        (Tensor x, Tensor y, Tensor w) = Once(r, s, t);
        (Tensor rr, Tensor rs, Tensor rt) = Residual(r, s, t, x, y, w);
        for (int i = 0; i < refinements; i++)
        {
            (Tensor dx, Tensor dy, Tensor dw) = Once(rr, rs, rt);
            (Tensor nx, Tensor ny, Tensor nw) = (x + dx, y + dy, w + dw);
            (Tensor nr, Tensor ns, Tensor nt) = Residual(r, s, t, nx, ny, nw);

            // A comparison with a NaN is false: what is not finite is never taken.
            Tensor better = Size(nr, ns, nt).lt(Size(rr, rs, rt)).unsqueeze(-1);
            (x, y, w) = (where(better, nx, x), where(better, ny, y), where(better, nw, w));
            (rr, rs, rt) = (where(better, nr, rr), where(better, ns, rs), where(better, nt, rt));
        }

        return (x, y, w);
    }

    private static Tensor Size(Tensor a, Tensor b, Tensor c) =>
        (a.detach().square().sum(-1, false) + b.detach().square().sum(-1, false)) + c.detach().square().sum(-1, false);

    private (Tensor X, Tensor Y, Tensor W) Once(Tensor r, Tensor s, Tensor t)
    {
        Tensor right = _g is null ? r : r + TransposeTimes(_g, _d * s);
        Tensor x = right.unsqueeze(-1).cholesky_solve(_factor).squeeze(-1);
        Tensor w = t;
        if (_a is not null)
        {
            w = (Times(_a, x) - t).unsqueeze(-1).cholesky_solve(_schur!).squeeze(-1);
            x = x - _back!.matmul(w.unsqueeze(-1)).squeeze(-1);
        }

        Tensor y = _g is null ? s : _d * (Times(_g, x) - s);
        return (x, y, w);
    }

    private (Tensor R, Tensor S, Tensor T) Residual(Tensor r, Tensor s, Tensor t, Tensor x, Tensor y, Tensor w)
    {
        if (_q is not null)
            r = r - Times(Symmetric(_q), x);
        if (_g is not null)
        {
            r = r - TransposeTimes(_g, y);
            s = _mask * (s - Times(_g, x) + (_e * y));
        }

        if (_a is not null)
        {
            r = r - TransposeTimes(_a, w);
            t = t - Times(_a, x);
        }

        return (r, s, t);
    }
}
