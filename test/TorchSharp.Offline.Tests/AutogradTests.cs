using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class AutogradTests : TorchTest
{
    /// <summary>The derivative of a scalar function by central differences, element by element.</summary>
    private static double[] Differences(Func<Tensor, Tensor> f, Tensor at)
    {
        const double Step = 1e-5;
        double[] x = Values(at);
        var result = new double[x.Length];
        using (no_grad())
            for (int i = 0; i < x.Length; i++)
            {
                double[] up = (double[])x.Clone(), down = (double[])x.Clone();
                up[i] += Step;
                down[i] -= Step;
                result[i] = (f(tensor(up, at.shape)).ToDouble() - f(tensor(down, at.shape)).ToDouble()) / (2 * Step);
            }
        return result;
    }

    private static void CheckGradient(Func<Tensor, Tensor> f, Tensor at)
    {
        Tensor x = at.clone().requires_grad_();
        f(x).backward();
        AreNear(Differences(f, at), Values(x.grad), 1e-7);
    }

    [TestMethod]
    public void Backward_OfSmoothFunctions_EqualsCentralDifferences()
    {
        Tensor w = Some(3, 3);
        CheckGradient(x => (x.tanh() * x.exp()).sum(), Some(2, 3));
        CheckGradient(x => x.matmul(w).pow(2).sum(), Some(2, 3));
        CheckGradient(x => (x[0] * x[1]).sum() + x[TensorIndex.Colon, 1].sigmoid().sum(), Some(2, 3));
        CheckGradient(x => x.softmax(1).log().mean(), Some(2, 4));
        CheckGradient(x => linalg.cholesky(x.matmul(x.t()) + eye(3, dtype: float64)).sum(), Some(3, 3));
        CheckGradient(x => linalg.solve(x + 3 * eye(3, dtype: float64), ones(3, 1, dtype: float64)).pow(3).sum(), Some(3, 3));
        CheckGradient(x => cat([x, x * 2], 1).logsumexp(1).sum(), Some(2, 3));
        CheckGradient(x => nn.functional.silu(x).std(), Some(5));
    }

    private sealed class Softness : autograd.SingleTensorFunction<Softness>
    {
        public override string Name => nameof(Softness);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor y = ((Tensor)vars[0] * (double)vars[1]).tanh();
            ctx.save_for_backward([y]);
            ctx.save_data("scale", vars[1]);
            return y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            Tensor y = ctx.get_saved_variables()[0];
            return [grad_output * (1 - y * y) * (double)ctx.get_data("scale"), null];
        }
    }

    [TestMethod]
    public void CustomFunction_ThatSavesItsOutput_HasFirstAndSecondDerivatives()
    {
        CheckGradient(x => (Softness.apply(x, 1.5) * x).sum(), Some(4));
        Tensor x = tensor(new[] { 0.3 }, requires_grad: true);
        Tensor first = autograd.grad([Softness.apply(x, 2.0)], [x], create_graph: true)[0];
        Tensor second = autograd.grad([first], [x])[0];
        double t = Math.Tanh(0.6);
        AreNear([2 * (1 - t * t)], Values(first));
        AreNear([-8 * t * (1 - t * t)], Values(second));
    }

    private sealed class SumAndProduct : autograd.MultiTensorFunction<SumAndProduct>
    {
        public override string Name => nameof(SumAndProduct);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            ctx.save_for_backward([a, b]);
            return [a + b, a * b];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grads)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            return [grads[0] + grads[1] * saved[1], grads[0] + grads[1] * saved[0]];
        }
    }

    [TestMethod]
    public void CustomFunction_WithSeveralOutputs_EqualsCentralDifferences()
    {
        Tensor b = Some(3);
        CheckGradient(x => { var y = SumAndProduct.apply(x, b); return (y[0] * y[1]).sum(); }, Some(3));
        CheckGradient(x => SumAndProduct.apply(b, x)[0].pow(2).sum(), Some(3));
    }

    private sealed class Same : autograd.SingleTensorFunction<Same>
    {
        public override string Name => nameof(Same);
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0];
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 3];
    }

    [TestMethod]
    public void CustomFunction_ThatReturnsItsInput_LeavesTheInputALeaf()
    {
        Tensor x = ones(2, requires_grad: true);
        Same.apply(x).sum().backward();
        Assert.IsTrue(x.is_leaf);
        AreNear([3, 3], Values(x.grad));
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);
        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 2;
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            throw new InvalidOperationException("backward was asked");
    }

    /// <remarks>Upstream ends the process here; the subset hands the text over. No code of ours depends on it.</remarks>
    [TestMethod]
    public void CustomFunction_WhoseBackwardThrows_DoesNotEndTheProcess()
    {
        Tensor x = ones(1, requires_grad: true);
        var e = Assert.ThrowsExactly<ExternalException>(() => Failing.apply(x).backward());
        Assert.Contains("backward was asked", e.Message);
    }

    [TestMethod]
    public void CustomFunction_ChangedSavedTensor_IsNoticed()
    {
        Tensor x = ones(2, requires_grad: true), b = ones(2);
        Tensor y = SumAndProduct.apply(x, b)[1].sum();
        b.add_(1);
        Assert.ThrowsExactly<ExternalException>(() => y.backward());
    }

    private static WeakReference ApplyAndForget()
    {
        Tensor x = ones(1, requires_grad: true);
        var marker = new object();
        Keeper.apply(x, marker).backward();
        return new WeakReference(marker);
    }

    private sealed class Keeper : autograd.SingleTensorFunction<Keeper>
    {
        public override string Name => nameof(Keeper);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("marker", vars[1]);
            return (Tensor)vars[0] * 1;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output, null];
    }

    [TestMethod]
    public void CustomFunction_OnceItsGraphIsGone_IsCollected()
    {
        WeakReference marker = ApplyAndForget();
        for (int i = 0; i < 20 && marker.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.IsFalse(marker.IsAlive);
    }

    [TestMethod]
    public void Modes_AreThreadsOwnAndNest()
    {
        using (no_grad())
        {
            Assert.IsFalse(is_grad_enabled());
            bool elsewhere = false;
            var thread = new System.Threading.Thread(() => elsewhere = is_grad_enabled());
            thread.Start();
            thread.Join();
            Assert.IsTrue(elsewhere);
            using (enable_grad())
                Assert.IsTrue(is_grad_enabled());
            Assert.IsFalse(is_grad_enabled());
        }
        Assert.IsTrue(is_grad_enabled());
        using (inference_mode())
            Assert.IsTrue(is_inference_mode_enabled());
        Assert.IsFalse(is_inference_mode_enabled());
    }
}
