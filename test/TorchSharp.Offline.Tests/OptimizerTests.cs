using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class OptimizerTests : TorchTest
{
    private const int Steps = 7;

    // f(x) = Σ i·xᵢ² / 2 + x₀x₁, its gradient by hand.
    private static double[] Slope(double[] x) => [x[0] + x[1], 2 * x[1] + x[0], 3 * x[2]];

    private static Tensor Loss(Tensor x) => (x * x * tensor(new[] { 0.5, 1, 1.5 })).sum() + x[0] * x[1];

    private static double[] Train(Func<Parameter, optim.Optimizer> make)
    {
        Parameter x = nn.Parameter(tensor(new[] { 1, -2, 0.5 }));
        using optim.Optimizer optimizer = make(x);
        for (int i = 0; i < Steps; i++)
        {
            optimizer.zero_grad();
            Loss(x).backward();
            optimizer.step();
        }
        return Values(x);
    }

    private static double[] ByHand(Func<int, double, double, double[], double> update, int memory)
    {
        double[] x = [1, -2, 0.5];
        double[][] kept = x.Select(_ => new double[memory]).ToArray();
        for (int step = 1; step <= Steps; step++)
        {
            double[] slope = Slope(x);
            x = x.Select((v, i) => update(step, v, slope[i], kept[i])).ToArray();
        }
        return x;
    }

    [TestMethod]
    public void Sgd_WithAndWithoutMomentum_EqualsRecursion()
    {
        AreNear(ByHand((_, x, g, _) => x - 0.1 * (g + 0.2 * x), 0), Train(x => optim.SGD([x], 0.1, weight_decay: 0.2)));
        AreNear(
            ByHand((step, x, g, m) => x - 0.1 * (m[0] = step == 1 ? g : 0.9 * m[0] + 0.8 * g), 1),
            Train(x => optim.SGD([x], 0.1, momentum: 0.9, dampening: 0.2)));
        AreNear(
            ByHand((step, x, g, m) => { m[0] = step == 1 ? g : 0.9 * m[0] + g; return x - 0.1 * (g + 0.9 * m[0]); }, 1),
            Train(x => optim.SGD([x], 0.1, momentum: 0.9, nesterov: true)));
    }

    private static double Adam(int step, double x, double g, double[] m)
    {
        m[0] = 0.8 * m[0] + 0.2 * g;
        m[1] = 0.95 * m[1] + 0.05 * g * g;
        return x - 0.1 * (m[0] / (1 - Math.Pow(0.8, step))) / (Math.Sqrt(m[1] / (1 - Math.Pow(0.95, step))) + 1e-8);
    }

    [TestMethod]
    public void Adam_AndAdamW_EqualRecursion()
    {
        AreNear(ByHand(Adam, 2), Train(x => optim.Adam([x], 0.1, 0.8, 0.95)), 1e-11);
        AreNear(ByHand((s, x, g, m) => Adam(s, x, g + 0.3 * x, m), 2), Train(x => optim.Adam([x], 0.1, 0.8, 0.95, weight_decay: 0.3)), 1e-11);
        AreNear(ByHand((s, x, g, m) => Adam(s, x * (1 - 0.03), g, m), 2), Train(x => optim.AdamW([x], 0.1, 0.8, 0.95, weight_decay: 0.3)), 1e-11);
    }

    [TestMethod]
    public void Training_LeavesNoTensorsBehind()
    {
        Sequential net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 1));
        using optim.Optimizer optimizer = optim.Adam(net.parameters(), 1e-3, amsgrad: true);
        Tensor x = rand(16, 3), y = rand(16, 1);
        void Step()
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.mse_loss(net.forward(x), y).backward();
            optimizer.step();
        }
        for (int i = 0; i < 20; i++)
            Step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 100; i++)
            Step();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Schedules_OverEpochs_EqualFormulas()
    {
        double[] Rates(Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> make)
        {
            optim.Optimizer optimizer = optim.SGD([nn.Parameter(ones(1))], 2.0);
            var schedule = make(optimizer);
            return Enumerable.Range(0, 8).Select(_ =>
            {
                double rate = optimizer.ParamGroups.First().LearningRate;
                schedule.step();
                return rate;
            }).ToArray();
        }
        double[] Formula(Func<int, double> factor) => Enumerable.Range(0, 8).Select(e => 2 * factor(e)).ToArray();
        AreNear(Formula(e => Math.Pow(0.5, e / 3)), Rates(o => optim.lr_scheduler.StepLR(o, 3, 0.5)));
        AreNear(Formula(e => Math.Pow(0.9, e)), Rates(o => optim.lr_scheduler.ExponentialLR(o, 0.9)));
        AreNear(Formula(e => 0.25 + 0.75 * (1 + Math.Cos(Math.PI * e / 5)) / 2), Rates(o => optim.lr_scheduler.CosineAnnealingLR(o, 5, 0.5)));
        AreNear(Formula(e => 0.5 + 0.5 * Math.Min(e, 4) / 4), Rates(o => optim.lr_scheduler.LinearLR(o, 0.5, 1, 4)));
        AreNear(Formula(e => e < 2 ? 0.1 : 1), Rates(o => optim.lr_scheduler.ConstantLR(o, 0.1, 2)));
        AreNear(Formula(e => e < 1 ? 1 : e < 4 ? 0.1 : 0.01), Rates(o => optim.lr_scheduler.MultiStepLR(o, [1, 4])));
        AreNear(Formula(e => 1.0 / (1 + e)), Rates(o => optim.lr_scheduler.LambdaLR(o, e => 1.0 / (1 + e))));
    }

    [TestMethod]
    public void State_SavedAndLoaded_ContinuesAsIfNothingHadHappened()
    {
        Parameter Make() => nn.Parameter(tensor(new[] { 1, -2, 0.5 }));
        Parameter a = Make(), b = Make();
        var first = optim.Adam([a], 0.1, amsgrad: true);
        void Step(Parameter x, optim.Optimizer o)
        {
            o.zero_grad();
            Loss(x).backward();
            o.step();
        }
        for (int i = 0; i < 3; i++)
            Step(a, first);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        first.save_state_dict(writer);
        writer.Flush();
        using (no_grad())
            b.copy_(a);
        var second = optim.Adam([b], 0.5);
        second.load_state_dict(new BinaryReader(new MemoryStream(stream.ToArray())));
        Step(a, first);
        Step(b, second);
        AreNear(Values(a), Values(b), 0);
        var third = optim.Adam([Make()], 0.5, amsgrad: true);
        third.load_state_dict(first.state_dict());
        Assert.AreEqual(0.1, third.ParamGroups.First().LearningRate);
        Assert.IsTrue(third.state_dict().State[0].ApproximatelyEquals(first.state_dict().State[0]));
    }

    [TestMethod]
    public void Groups_HaveTheirOwnRates()
    {
        Parameter a = nn.Parameter(ones(1)), b = nn.Parameter(ones(1));
        using var optimizer = optim.SGD([new SGD.ParamGroup([a], lr: 0.1), new SGD.ParamGroup { Parameters = new[] { b } }], 0.5);
        (a + b).backward();
        optimizer.step();
        AreNear([0.9], Values(a), 1e-7);
        AreNear([0.5], Values(b), 1e-7);
    }

    [TestMethod]
    public void ClipGradNorm_AboveTheLimit_ScalesToIt()
    {
        Parameter a = nn.Parameter(ones(2)), b = nn.Parameter(ones(1)), untouched = nn.Parameter(ones(1));
        (a * tensor(new[] { 3f, 0 })).sum().add((b * 4).sum()).backward();
        Assert.AreEqual(5, nn.utils.clip_grad_norm_([a, b, untouched], 1), 1e-6);
        AreNear([0.6, 0], Values(a.grad), 1e-5);
        AreNear([0.8], Values(b.grad), 1e-5);
        Tensor flat = nn.utils.parameters_to_vector([a, b]);
        nn.utils.vector_to_parameters(flat * 3, [a, b]);
        AreNear([3, 3, 3], Values(nn.utils.parameters_to_vector([a, b])));
    }
}
