using System.Collections.Generic;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Linear algebra; all of it takes batches in the leading dimensions.</summary>
    public static class linalg
    {
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        public static Tensor cholesky(Tensor input) => Aten.linalg_cholesky.Call(input);

        /// <remarks>As upstream does, check_errors asks for the upper factor and does not throw.</remarks>
        public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false) =>
            Aten.linalg_cholesky_ex.Call2(input, check_errors, false);

        public static Tensor det(Tensor input) => Aten.linalg_det.Call(input);
        public static (Tensor, Tensor) slogdet(Tensor input) => Aten.linalg_slogdet.Call2(input);
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Aten.linalg_eigh.Call2(input, UPLO.ToString());
        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Aten.linalg_eigvalsh.Call(input, UPLO.ToString());
        public static Tensor householder_product(Tensor A, Tensor tau) => Aten.linalg_householder_product.Call(A, tau);
        public static Tensor inv(Tensor input) => Aten.linalg_inv.Call(input);
        public static (Tensor L, Tensor info) inv_ex(Tensor input, bool check_errors = false) => Aten.linalg_inv_ex.Call2(input, check_errors);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other) =>
            Aten.linalg_lstsq.Call4(input, other);
        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other, double rcond) =>
            Aten.linalg_lstsq.Call4(input, other, rcond);

        public static (Tensor P, Tensor L, Tensor U) lu(Tensor input, bool pivot = true) => Aten.linalg_lu.Call3(input, pivot);
        public static (Tensor LU, Tensor Pivots) lu_factor(Tensor input, bool pivot = true) => Aten.linalg_lu_factor.Call2(input, pivot);
        public static Tensor lu_solve(Tensor LU, Tensor pivots, Tensor B, bool left = true, bool adjoint = false, Tensor @out = null) =>
            Tensor.Into(@out, Aten.linalg_lu_solve.Call(LU, pivots, B, left, adjoint));
        public static (Tensor LU, Tensor Pivots) ldl_factor(Tensor input, bool hermitian = true) =>
            Aten.linalg_ldl_factor.Call2(input, hermitian);
        public static (Tensor LU, Tensor Pivots, Tensor Info) ldl_factor_ex(Tensor input, bool hermitian = true, bool check_errors = false) =>
            Aten.linalg_ldl_factor_ex.Call3(input, hermitian, check_errors);
        public static Tensor ldl_solve(Tensor LD, Tensor pivots, Tensor B, bool hermitian = false) =>
            Aten.linalg_ldl_solve.Call(LD, pivots, B, hermitian);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[] dims = null, bool keepdim = false) =>
            Aten.linalg_matrix_norm_str_ord.Call(input, ord, dims ?? [-2, -1], keepdim);
        public static Tensor matrix_norm(Tensor input, double ord, long[] dims = null, bool keepdim = false) =>
            Aten.linalg_matrix_norm.Call(input, ord, dims ?? [-2, -1], keepdim);
        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.linalg_matrix_rank_atol_rtol_float.Call(input, atol, rtol, hermitian);
        public static Tensor multi_dot(IList<Tensor> tensors) => Aten.linalg_multi_dot.Call(Arg.List(tensors));
        public static Tensor norm(Tensor input, string ord, long[] dims = null, bool keepdim = false) =>
            Aten.linalg_norm_ord_str.Call(input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, double ord, long[] dims = null, bool keepdim = false) =>
            Aten.linalg_norm.Call(input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, int ord, long[] dims = null, bool keepdim = false) =>
            Aten.linalg_norm.Call(input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, long[] dims = null, bool keepdim = false) =>
            Aten.linalg_norm.Call(input, Arg.None, dims, keepdim);
        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Aten.linalg_pinv_atol_rtol_float.Call(input, atol, rtol, hermitian);
        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
            Aten.linalg_qr.Call2(input, mode == QRMode.Reduced ? "reduced" : mode == QRMode.Complete ? "complete" : "r");
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.linalg_solve.Call(A, B, left);
        public static (Tensor result, Tensor info) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false) =>
            Aten.linalg_solve_ex.Call2(A, B, left, check_errors);
        public static Tensor solve_triangular(
            Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor @out = null) =>
            Tensor.Into(@out, Aten.linalg_solve_triangular.Call(A, B, upper, left, unitriangular));
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) => Aten.linalg_svd.Call3(input, fullMatrices);
        public static Tensor svdvals(Tensor input) => Aten.linalg_svdvals.Call(input);
        public static Tensor vector_norm(Tensor input, double ord = 2d, long[] dims = null, bool keepdim = false) =>
            Aten.linalg_vector_norm.Call(input, ord, dims, keepdim);
    }

    /// <remarks>Products of matrices.</remarks>
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Aten.matmul.Call(this, target);
        public Tensor mm(Tensor target) => Aten.mm.Call(this, target);
        public Tensor mv(Tensor target) => Aten.mv.Call(this, target);
        public Tensor bmm(Tensor batch2) => Aten.bmm.Call(this, batch2);
        public Tensor dot(Tensor target) => Aten.dot.Call(this, target);
        public Tensor outer(Tensor vec2) => Aten.outer.Call(this, vec2);
        public Tensor kron(Tensor other) => Aten.kron.Call(this, other);
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Aten.tensordot.Call(this, b, dims1, dims2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.addmm.Call(this, mat1, mat2, beta, alpha);
        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Aten.addbmm.Call(this, batch1, batch2, beta, alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1.0f, float alpha = 1.0f) => Aten.addmv.Call(this, mat, vec, beta, alpha);

        /// <remarks>As upstream has it, this is the first factor and the last argument the matrix added: beta*batch2 + alpha*this@batch1.</remarks>
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            Aten.baddbmm.Call(batch2, this, batch1, beta, alpha);
        public Tensor cholesky_inverse(bool upper = false) => Aten.cholesky_inverse.Call(this, upper);
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Aten.cholesky_solve.Call(this, input2, upper);
        public Tensor det() => Aten.det.Call(this);
        public Tensor inverse() => Aten.inverse.Call(this);
    }

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);
    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);
    public static Tensor mv(Tensor input, Tensor target) => input.mv(target);
    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);
    public static Tensor dot(Tensor input, Tensor target) => input.dot(target);
    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);
    public static Tensor kron(Tensor input, Tensor other) => input.kron(other);
    public static Tensor einsum(string equation, params Tensor[] tensors) => Aten.einsum.Call(equation, tensors);
    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => input.addmm(mat1, mat2, beta, alpha);
    public static Tensor addbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.addbmm(batch1, batch2, beta, alpha);
    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.baddbmm(batch1, batch2, beta, alpha);
    public static Tensor cholesky_inverse(Tensor input, bool upper = false) => input.cholesky_inverse(upper);
    public static Tensor cholesky_solve(Tensor input, Tensor input2, bool upper = false) => input.cholesky_solve(input2, upper);
    public static Tensor tensordot(Tensor a, Tensor b, long[] dims1, long[] dims2) => a.tensordot(b, dims1, dims2);
    public static Tensor trace(Tensor input) => input.trace();
}
