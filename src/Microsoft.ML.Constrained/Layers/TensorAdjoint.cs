using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// The gradients of quadratic programs in tensor operations. With K the matrix of the optimality conditions on the active rows and
/// K·u = −(∂L/∂z, ∂L/∂λ, ∂L/∂ν),
/// <code>
/// dQ = ½(u_z zᵀ + z u_zᵀ)   dp = u_z   dG = λ u_zᵀ + u_λ zᵀ   dh = −u_λ   dA = ν u_zᵀ + u_ν zᵀ   db = −u_ν
/// </code>
/// (Amos and Kolter 2017, equations 6 to 8), summed over the batch for shared parameters. What is recorded of it gives second
/// derivatives, exact as long as the active rows stay the same.
/// </summary>
internal static class TensorAdjoint
{
    private const double Penalty = 1e7;
    private const int Refinements = 4;

    public static Tensor?[] Differentiate(QuadraticProgramCall call, Tensor?[] data, Tensor[] solution, Tensor?[] gradients)
    {
        int size = call.BatchSize;
        (Tensor? q, Tensor? g, Tensor? a) = (Squeezed(data[0]), Squeezed(data[2]), Squeezed(data[4]));
        Tensor z = solution[0], lambda = solution[1], nu = solution[2];
        Tensor gz = gradients[0] ?? zeros_like(z), gl = gradients[1] ?? zeros_like(lambda), gn = gradients[2] ?? zeros_like(nu);
        Tensor? solved = SolvedColumn(call);
        if (solved is not null)
        {
            // Zeros in place of what has no solution, before anything is computed: the derivative of a masked NaN is NaN.
            (z, lambda, nu) = (Masked(solved, z), Masked(solved, lambda), Masked(solved, nu));
            (gz, gl, gn) = (Masked(solved, gz), Masked(solved, gl), Masked(solved, gn));
            q = Safe(solved, q, eye(call.Variables, call.Variables, ScalarType.Float64, z.device));
            g = Safe(solved, g, null);
            a = Safe(solved, a, null);
        }

        Tensor d = g is null ? zeros_like(lambda) : ActiveWeights(q, g, data[3], z, lambda, solved);
        var kkt = new TensorKkt(q, g, a, d, zeros_like(d), call.Variables);
        (Tensor uz, Tensor ul, Tensor un) = kkt.Solve(-gz, -(gl * d.gt(0).to(ScalarType.Float64)), -gn, Refinements);
        Tensor finite = (isfinite(uz).all(-1, true)).logical_and(isfinite(ul).all(-1, true)).logical_and(isfinite(un).all(-1, true));
        (uz, ul, un) = (Masked(finite, uz), Masked(finite, ul), Masked(finite, un));
        call.Diagnostics.Skipped(size - (int)finite.logical_and(solved ?? finite).sum().item<long>());
        var results = new Tensor?[6];
        if (call.Wanted[0])
            results[0] = Shaped((Outer(data[0]!, uz, z) + Outer(data[0]!, z, uz)) * 0.5, data[0]!);
        if (call.Wanted[1])
            results[1] = Shaped(Summed(data[1]!, uz), data[1]!);
        if (call.Wanted[2])
            results[2] = Shaped(Outer(data[2]!, lambda, uz) + Outer(data[2]!, ul, z), data[2]!);
        if (call.Wanted[3])
            results[3] = Shaped(-Summed(data[3]!, ul), data[3]!);
        if (call.Wanted[4])
            results[4] = Shaped(Outer(data[4]!, nu, uz) + Outer(data[4]!, un, z), data[4]!);
        if (call.Wanted[5])
            results[5] = Shaped(-Summed(data[5]!, un), data[5]!);
        return results;
    }

    /// <summary>A matrix given with a leading size of 1 is shared; one without rows is none.</summary>
    public static Tensor? Squeezed(Tensor? matrix)
    {
        if (matrix is null || matrix.shape[^2] == 0)
            return null;
        return matrix.dim() == 3 && matrix.shape[0] == 1 ? matrix.squeeze(0) : matrix;
    }

    /// <summary>A weight on the rows that hold with equality, on the scale of Q over that of the row; zero on the others.</summary>
    public static Tensor Weights(Tensor? q, Tensor g, Tensor active, Tensor like)
    {
        Tensor lengths = g.square().sum(-1, false).clamp_min(1e-300);
        Tensor scale = q is null ? ones(1, 1, ScalarType.Float64, like.device) : q.diagonal(0, -2, -1).abs().mean(new[] { -1L }, true);
        Tensor weights = scale.clamp_min(1e-8) * Penalty / lengths;
        return where(active, weights.expand_as(like), zeros_like(like));
    }

    private static Tensor ActiveWeights(Tensor? q, Tensor g, Tensor? h, Tensor z, Tensor lambda, Tensor? solved)
    {
        using var off = no_grad();
        Tensor slack = (h is null ? zeros_like(lambda) : h) - TensorKkt.Times(g, z);
        Tensor active = lambda.gt(slack);
        return Weights(q, g, solved is null ? active : active.logical_and(solved), lambda);
    }

    private static Tensor? SolvedColumn(QuadraticProgramCall call)
    {
        bool all = true;
        var mask = new bool[call.BatchSize];
        for (int i = 0; i < mask.Length; i++)
        {
            mask[i] = call.Status[i] == SolverStatus.Solved;
            all &= mask[i];
        }

        return all ? null : tensor(mask, device: call.Device).unsqueeze(-1);
    }

    private static Tensor Masked(Tensor mask, Tensor value) => where(mask, value, zeros_like(value));

    private static Tensor? Safe(Tensor solved, Tensor? matrix, Tensor? instead)
    {
        if (matrix is null)
            return null;
        Tensor all = matrix.dim() == 3 ? matrix : matrix.unsqueeze(0).expand(solved.shape[0], matrix.shape[0], matrix.shape[1]);
        return where(solved.unsqueeze(-1), all, instead is null ? zeros_like(all) : instead.unsqueeze(0).expand_as(all));
    }

    private static bool IsShared(Tensor parameter, int rank, Tensor rows) =>
        parameter.dim() < rank || (parameter.shape[0] == 1 && rows.shape[0] != 1);

    private static Tensor Outer(Tensor parameter, Tensor left, Tensor right) => IsShared(parameter, 3, left)
        ? left.mT.matmul(right)
        : left.unsqueeze(-1) * right.unsqueeze(-2);

    private static Tensor Summed(Tensor parameter, Tensor rows) => IsShared(parameter, 2, rows) ? rows.sum(0L, false) : rows;

    private static Tensor Shaped(Tensor gradient, Tensor parameter) => gradient.reshape(parameter.shape);
}
