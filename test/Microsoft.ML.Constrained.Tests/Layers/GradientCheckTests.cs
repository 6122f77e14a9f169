using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class GradientCheckTests : LayerTest
{
    [TestMethod]
    public void Run_RightGradient_Passes()
    {
        Tensor x = Normal(new Random(1), 3, 2), y = Normal(new Random(2), 2);
        GradientCheckReport report = GradientCheck.Run(t => (t[0] * t[1]).sin(), [x, y]);
        Assert.IsTrue(report.Passed, report.ToString());
        Assert.AreEqual(6, report.Entries[0].Checked);
        Assert.AreEqual(2, report.Entries[1].Checked);
        Assert.IsLessThan(1e-8, report.MaxRelativeError);
        Assert.IsFalse(x.requires_grad, "The caller's tensor was changed.");
        Assert.IsNull(x.grad);
    }

    [TestMethod]
    public void Run_WrongGradient_FailsAndNamesTheElement()
    {
        Tensor x = tensor(new double[,] { { 1, 2 }, { 3, 4 } });
        GradientCheckReport report = GradientCheck.Run(t => WrongSquare.apply(t[0]), [x]);
        Assert.IsFalse(report.Passed);
        GradientCheckEntry entry = report.Entries[0];
        CollectionAssert.AreEqual(new long[] { 1, 0 }, (long[])entry.WorstIndex);
        Assert.AreEqual(0.25, entry.MaxRelativeError, 1e-6);
        Assert.AreEqual(0.75, entry.Analytic / entry.Numeric, 1e-6);
        StringAssert.Contains(report.ToString(), "FAIL");
        StringAssert.Contains(report.ToString(), "[1, 0]");
    }

    [TestMethod]
    public void Run_ConstantAndUnusedInputs_HaveZeroGradients()
    {
        Tensor x = ones(2, dtype: ScalarType.Float64);
        Assert.IsTrue(GradientCheck.Run(t => t[0] * 2, [x, x]).Passed);
        Assert.IsTrue(GradientCheck.Run(t => ones(2), [x]).Passed);

        // A gradient that was cut off.
        Assert.IsFalse(GradientCheck.Run(t => t[0].detach() * 2, [x]).Passed);
    }

    [TestMethod]
    public void Run_NaN_Fails()
    {
        GradientCheckReport report = GradientCheck.Run(t => t[0].sqrt(), [-ones(2, dtype: ScalarType.Float64)]);
        Assert.IsFalse(report.Passed);
        Assert.AreEqual(double.PositiveInfinity, report.MaxRelativeError);
    }

    [TestMethod]
    public void Run_Module_ChecksItsParametersAndPutsThemBack()
    {
        using var module = nn.Linear(3, 2, dtype: ScalarType.Float64);
        double[] before = Values(module.weight!);
        GradientCheckReport report = GradientCheck.Run(module, Normal(new Random(3), 4, 3).to(ScalarType.Float32));
        Assert.IsTrue(report.Passed, report.ToString());
        Assert.HasCount(3, report.Entries);
        CollectionAssert.AreEqual(before, Values(module.weight!));
        Assert.IsNull(module.weight!.grad);
        Assert.HasCount(1, GradientCheck.Run(module, Normal(new Random(3), 4, 3), new GradientCheckOptions { IncludeParameters = false }).Entries);
    }

    [TestMethod]
    public void Run_Float32Module_IsRefusedWithAdvice()
    {
        using var module = nn.Linear(3, 2);
        var e = Assert.ThrowsExactly<ArgumentException>(() => GradientCheck.Run(module, ones(1, 3)));
        StringAssert.Contains(e.Message, "'weight'");
        StringAssert.Contains(e.Message, "Float64");
    }

    [TestMethod]
    public void Run_FewElementsAsked_ChecksThatMany() =>
        Assert.AreEqual(5, GradientCheck.Run(t => t[0].exp(), [Normal(new Random(4), 10, 10)], new GradientCheckOptions { MostElements = 5 }).Entries[0].Checked);

    [TestMethod]
    public void Run_WrongOptions_AreNamed()
    {
        Tensor x = ones(1);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GradientCheck.Run(t => t[0], [x], new GradientCheckOptions { Step = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GradientCheck.Run(t => t[0], [x], new GradientCheckOptions { Tolerance = -1 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GradientCheck.Run(t => t[0], [x], new GradientCheckOptions { Floor = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => GradientCheck.Run(t => t[0], [x], new GradientCheckOptions { MostElements = 0 }));
    }

    /// <summary>x², whose gradient is right but for the element that is 3, where it is three quarters of it.</summary>
    private sealed class WrongSquare : autograd.SingleTensorFunction<WrongSquare>
    {
        public override string Name => nameof(WrongSquare);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0]]);
            return ((Tensor)vars[0]).square();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            Tensor x = ctx.get_saved_variables()[0];
            return [grad_output * x * where(x.eq(3), full_like(x, 1.5), full_like(x, 2))];
        }
    }
}
