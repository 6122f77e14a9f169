using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class ModuleTests : TorchTest
{
    private static double[] Weights(nn.Module module, string name) => Values(module.get_parameter(name));

    [TestMethod]
    public void Linear_Forward_EqualsLoops()
    {
        Linear layer = nn.Linear(3, 2, dtype: float64);
        double[] x = Numbers(12), w = Weights(layer, "weight"), b = Weights(layer, "bias");
        double[] expected = Enumerable.Range(0, 8)
            .Select(c => b[c % 2] + Enumerable.Range(0, 3).Sum(k => x[c / 2 * 3 + k] * w[c % 2 * 3 + k])).ToArray();
        AreNear(expected, Values(layer.forward(tensor(x, [4, 3]))));
        Assert.IsTrue(w.All(v => Math.Abs(v) <= 1 / Math.Sqrt(3)) && w.Any(v => Math.Abs(v) > 0.2));
    }

    [TestMethod]
    public void Conv2d_StridePaddingGroups_EqualsLoops()
    {
        const int Size = 5, Out = 3;
        Conv2d layer = nn.Conv2d(2, 4, 3, stride: 2, padding: 1, groups: 2, dtype: float64);
        double[] x = Numbers(2 * Size * Size), w = Weights(layer, "weight"), b = Weights(layer, "bias");
        var expected = new double[4 * Out * Out];
        for (int o = 0; o < 4; o++)
            for (int i = 0; i < Out; i++)
                for (int j = 0; j < Out; j++)
                {
                    double sum = b[o];
                    for (int p = 0; p < 3; p++)
                        for (int q = 0; q < 3; q++)
                        {
                            int r = 2 * i + p - 1, c = 2 * j + q - 1;
                            if (r is >= 0 and < Size && c is >= 0 and < Size)
                                sum += w[9 * o + 3 * p + q] * x[o / 2 * Size * Size + Size * r + c];
                        }
                    expected[Out * (Out * o + i) + j] = sum;
                }
        AreNear(expected, Values(layer.forward(tensor(x, [1, 2, Size, Size]))));
    }

    [TestMethod]
    public void ConvTranspose2d_Forward_IsTheAdjointOfConv2d()
    {
        ConvTranspose2d up = nn.ConvTranspose2d(3, 2, 3, stride: 2, padding: 1, bias: false, dtype: float64);
        Tensor weight = up.get_parameter("weight"), small = Some(1, 3, 4, 4), large = Some(1, 2, 7, 7);
        double left = (up.forward(small) * large).sum().ToDouble();
        double right = (small * nn.functional.conv2d(large, weight, null, [2, 2], [1, 1])).sum().ToDouble();
        Assert.AreEqual(left, right, 1e-12);
    }

    [TestMethod]
    public void BatchNorm1d_TrainThenEval_EqualsFormulas()
    {
        BatchNorm1d layer = nn.BatchNorm1d(2, momentum: 0.25, dtype: float64);
        double[] x = Numbers(8);
        double[] Column(int j) => Enumerable.Range(0, 4).Select(i => x[2 * i + j]).ToArray();
        double[] mean = [Column(0).Average(), Column(1).Average()];
        double[] variance = [Column(0).Sum(v => Math.Pow(v - mean[0], 2)) / 4, Column(1).Sum(v => Math.Pow(v - mean[1], 2)) / 4];
        AreNear(x.Select((v, i) => (v - mean[i % 2]) / Math.Sqrt(variance[i % 2] + 1e-5)).ToArray(), Values(layer.forward(tensor(x, [4, 2]))));
        double[] running = Values(layer.get_buffer("running_mean")), spread = Values(layer.get_buffer("running_var"));
        AreNear(mean.Select(m => 0.25 * m).ToArray(), running);
        AreNear(variance.Select(v => 0.75 + 0.25 * v * 4 / 3).ToArray(), spread);
        layer.eval();
        AreNear(x.Select((v, i) => (v - running[i % 2]) / Math.Sqrt(spread[i % 2] + 1e-5)).ToArray(), Values(layer.forward(tensor(x, [4, 2]))));
    }

    [TestMethod]
    public void Activations_OnNumbers_EqualFormulas()
    {
        double[] x = Numbers(9).Select(v => 4 * v).ToArray();
        Tensor t = tensor(x);
        double Logistic(double v) => 1 / (1 + Math.Exp(-v));
        AreNear(x.Select(v => Math.Max(v, 0)).ToArray(), Values(nn.ReLU().forward(t)));
        AreNear(x.Select(Math.Tanh).ToArray(), Values(nn.Tanh().forward(t)));
        AreNear(x.Select(Logistic).ToArray(), Values(nn.Sigmoid().forward(t)));
        AreNear(x.Select(v => v * Logistic(v)).ToArray(), Values(nn.SiLU().forward(t)));
        AreNear(x.Select(v => Math.Log(1 + Math.Exp(2 * v)) / 2).ToArray(), Values(nn.Softplus(2).forward(t)));
        AreNear(x.Select(v => Math.Max(v, 0.1 * v)).ToArray(), Values(nn.LeakyReLU(0.1).forward(t)));
    }

    [TestMethod]
    public void Losses_OnNumbers_EqualFormulas()
    {
        double[] x = Numbers(6, 1), y = Numbers(6, 2);
        Tensor a = tensor(x, [2, 3]), b = tensor(y, [2, 3]);
        double[] gap = x.Zip(y, (p, q) => p - q).ToArray();
        AreNear([gap.Sum(d => d * d) / 6], Values(nn.MSELoss().forward(a, b)));
        AreNear([gap.Sum(Math.Abs)], Values(nn.L1Loss(nn.Reduction.Sum).forward(a, b)));
        AreNear([gap.Sum(d => Math.Abs(d) < 0.5 ? d * d / 2 : 0.5 * (Math.Abs(d) - 0.25))], Values(nn.HuberLoss(0.5, nn.Reduction.Sum).forward(a, b)));
        double LogSum(int row) => Math.Log(Enumerable.Range(0, 3).Sum(k => Math.Exp(x[3 * row + k])));
        AreNear([(LogSum(0) - x[2] + LogSum(1) - x[3]) / 2], Values(nn.CrossEntropyLoss().forward(a, tensor(new long[] { 2, 0 }))));
        double[] target = [0, 1, 1, 0, 1, 0];
        AreNear([x.Zip(target, (v, t) => Math.Log(1 + Math.Exp(v)) - t * v).Average()],
            Values(nn.BCEWithLogitsLoss().forward(a, tensor(target, [2, 3]))));
    }

    [TestMethod]
    public void Dropout_InTraining_ZeroesOrScales()
    {
        manual_seed(3);
        double[] y = Values(nn.Dropout(0.25).forward(ones(1000)));
        Assert.IsTrue(y.All(v => v == 0 || Math.Abs(v - 4.0 / 3) < 1e-6));
        Assert.IsInRange(0.18, 0.32, y.Count(v => v == 0) / 1000.0);
    }

    [TestMethod]
    public void Conversion_OfModule_KeepsObjectsAndGradients()
    {
        Linear layer = nn.Linear(2, 1);
        Parameter weight = layer.weight;
        layer.forward(ones(1, 2)).sum().backward();
        layer.to(ScalarType.Float64);
        Assert.AreSame(weight, layer.weight);
        Assert.IsTrue(weight.is_leaf && weight.requires_grad);
        Assert.AreEqual(ScalarType.Float64, weight.grad.dtype);
        AreNear([1, 1], Values(weight.grad));
    }

    private sealed class Twice : nn.Module<Tensor, Tensor>
    {
        private readonly Linear _first = nn.Linear(1, 1);
        private readonly Linear _second;

        [Utils.ComponentName(Name = "scale")]
        private readonly Parameter _scale = nn.Parameter(ones(1));

        internal Twice() : base(nameof(Twice))
        {
            _second = _first;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _second.forward(_first.forward(input)) * _scale;
    }

    [TestMethod]
    public void Module_UsedTwice_HasItsParametersOnce()
    {
        var module = new Twice();
        Assert.AreSequenceEqual(new[] { "scale", "_first.weight", "_first.bias" }, module.named_parameters().Select(p => p.name));
    }
}
