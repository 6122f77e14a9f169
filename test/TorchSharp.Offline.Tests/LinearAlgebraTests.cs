using System;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class LinearAlgebraTests : TorchTest
{
    private static Tensor Positive(int n)
    {
        Tensor half = Some(n, n);
        return half.matmul(half.t()) + eye(n, dtype: float64);
    }

    private static double[] Product(double[] a, double[] b, int rows, int inner, int columns) =>
        Enumerable.Range(0, rows * columns)
            .Select(c => Enumerable.Range(0, inner).Sum(k => a[c / columns * inner + k] * b[k * columns + c % columns])).ToArray();

    [TestMethod]
    public void Products_OfMatrices_EqualLoops()
    {
        double[] a = Numbers(6, 1), b = Numbers(12, 2);
        double[] expected = Product(a, b, 2, 3, 4);
        Tensor x = tensor(a, [2, 3]), y = tensor(b, [3, 4]);
        AreNear(expected, Values(x.matmul(y)));
        AreNear(expected, Values(einsum("ik,kj->ij", x, y)));
        AreNear(expected, Values(x.unsqueeze(0).bmm(y.unsqueeze(0))));
        AreNear(expected.Select(v => 2 * v + 3).ToArray(), Values(ones(2, 4, dtype: float64).addmm(x, y, 3, 2)));
        // "this" is the first factor, the last argument what is added.
        AreNear(expected.Select(v => 2 * v + 3).ToArray(),
            Values(x.unsqueeze(0).baddbmm(y.unsqueeze(0), ones(1, 2, 4, dtype: float64), beta: 3, alpha: 2)));
    }

    [TestMethod]
    public void Cholesky_OfPositiveMatrix_IsLowerAndMultipliesBack()
    {
        Tensor a = Positive(5);
        Tensor l = linalg.cholesky(a);
        Assert.AreEqual(0, l.triu(1).abs().sum().ToDouble());
        AreNear(Values(a), Product(Values(l), Values(l.t()), 5, 5, 5), 1e-12);
        var (ex, info) = linalg.cholesky_ex(a);
        AreNear(Values(l), Values(ex));
        Assert.AreEqual(0, info.ToInt32());
        Assert.AreEqual(1, linalg.cholesky_ex(-a).info.ToInt32());
        Assert.ThrowsExactly<ExternalException>(() => linalg.cholesky(-a));
    }

    [TestMethod]
    public void Solvers_OnTheSameSystem_LeaveNoResidual()
    {
        Tensor a = Positive(4), b = Some(4, 2);
        void Solves(Tensor x) => AreNear(Values(b), Product(Values(a), Values(x), 4, 4, 2), 1e-11);
        Solves(linalg.solve(a, b));
        Solves(cholesky_solve(b, linalg.cholesky(a)));
        var (lu, pivots) = linalg.lu_factor(a);
        Solves(linalg.lu_solve(lu, pivots, b));
        Tensor l = linalg.cholesky(a);
        Solves(linalg.solve_triangular(l.t(), linalg.solve_triangular(l, b, upper: false), upper: true));
        Solves(linalg.lstsq(a, b).Solution);
        Solves(linalg.inv(a).matmul(b));
        var (x, info) = linalg.solve_ex(a, b);
        Solves(x);
        Assert.AreEqual(0, info.ToInt32());
    }

    [TestMethod]
    public void Decompositions_MultiplyBackAndAreOrthogonal()
    {
        Tensor m = Some(5, 3);
        var (q, r) = linalg.qr(m);
        AreNear(Values(m), Product(Values(q), Values(r), 5, 3, 3), 1e-12);
        var (u, s, vh) = linalg.svd(m, fullMatrices: false);
        AreNear(Values(m), Values(u.matmul(diag(s)).matmul(vh)), 1e-12);
        Tensor a = Positive(4);
        var (values, vectors) = linalg.eigh(a);
        AreNear(Values(a), Values(vectors.matmul(diag(values)).matmul(vectors.t())), 1e-12);
        double[] w = Values(values);
        Assert.AreEqual(Values(a.trace())[0], w.Sum(), 1e-12);
        Assert.AreEqual(w.Aggregate(1.0, (p, v) => p * v), Values(linalg.det(a))[0], 1e-10);
    }

    [TestMethod]
    public void Batches_GiveWhatEachMatrixGivesAlone()
    {
        Tensor a = Positive(3), b = Positive(3) * 2, right = Some(2, 3, 1);
        Tensor together = linalg.solve(stack([a, b]), right);
        AreNear(Values(linalg.solve(a, right[0])), Values(together[0]));
        AreNear(Values(linalg.solve(b, right[1])), Values(together[1]));
    }

    [TestMethod]
    public void SingularMatrix_IsReportedNotReturned()
    {
        Tensor singular = ones(2, 2, dtype: float64);
        Assert.ThrowsExactly<ExternalException>(() => linalg.solve(singular, ones(2, dtype: float64)));
        Assert.AreNotEqual(0, linalg.inv_ex(singular).info.ToInt32());
    }
}
