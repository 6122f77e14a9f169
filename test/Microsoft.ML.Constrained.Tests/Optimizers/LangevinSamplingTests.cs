using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Optimizers;

/// <summary>Gaussians restricted to circle, sphere and Stiefel manifold against their exact moments by quadrature.</summary>
[TestClass]
public class LangevinSamplingTests : LangevinTest
{
    private const double Temperature = 0.5;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(LangevinDynamics.Underdamped, 0.1, 1.0, 100_000, 300)]
    [DataRow(LangevinDynamics.Underdamped, 0.2, double.PositiveInfinity, 50_000, 1000)]
    [DataRow(LangevinDynamics.Overdamped, 0.005, 1.0, 10_000, 4000)]
    public void Circle_ManyChains_MomentsOfTheConstrainedGaussian(LangevinDynamics dynamics, double step, double friction, int chains, int steps)
    {
        const double Radius = 1.3, Stiffness = 1.5, Centre = 0.4;
        Parameter weight = nn.Parameter(zeros(chains, dtype: ScalarType.Float32));
        using var optimizer = new ConstrainedLangevin([weight], step, Temperature, friction, WeightConstraint.Circle(Radius), dynamics, seed: 1);
        Run(optimizer, () => weight.grad = (weight.detach() - Centre) * Stiffness, steps);
        double[] x = Values(weight);
        double normaliser = 0, first = 0, second = 0, fourth = 0;
        for (int i = 0; i < 2000; i++)
        {
            double w = Radius * Math.Sin(2 * Math.PI * i / 2000), density = Math.Exp(-Stiffness * (w - Centre) * (w - Centre) / (2 * Temperature));
            normaliser += density;
            first += density * w;
            second += density * w * w;
            fourth += density * Math.Pow(w, 4);
        }

        Agree("E w", first / normaliser, x.Average(), Math.Sqrt(((second / normaliser) - Math.Pow(first / normaliser, 2)) / chains));
        Agree("E w²", second / normaliser, x.Average(v => v * v), Math.Sqrt(((fourth / normaliser) - Math.Pow(second / normaliser, 2)) / chains));
    }

    [TestMethod]
    [DataRow(LangevinDynamics.Underdamped, 0.15, 1.0, 10_000, 100)]
    [DataRow(LangevinDynamics.Overdamped, 0.005, 1.0, 2_000, 2000)]
    public void Sphere_ManyRows_MomentsOfTheConstrainedGaussian(LangevinDynamics dynamics, double step, double friction, int chains, int steps)
    {
        double[] stiffness = [0.5, 1.5, 3], centre = [0.3, 0, 0];
        Parameter weight = nn.Parameter(Normal(new Random(1), chains, 3));
        Tensor k = from_array(stiffness), m = from_array(centre);
        using var optimizer = new ConstrainedLangevin([weight], step, Temperature, friction, WeightConstraint.Sphere(), dynamics, seed: 2);
        Run(optimizer, () => weight.grad = (weight.detach() - m) * k, steps);
        double[] x = Values(weight);
        var exact = new Moments(3);
        const int Grid = 200;
        for (int i = 0; i < Grid; i++)
        {
            for (int j = 0; j < Grid; j++)
            {
                // Equal areas: the height is uniform.
                double z = -1 + ((i + 0.5) * 2 / Grid), angle = 2 * Math.PI * j / Grid, r = Math.Sqrt(1 - (z * z));
                double[] w = [r * Math.Cos(angle), r * Math.Sin(angle), z];
                double energy = Enumerable.Range(0, 3).Sum(a => stiffness[a] * (w[a] - centre[a]) * (w[a] - centre[a]) / 2);
                exact.Add(w, Math.Exp(-energy / Temperature));
            }
        }

        for (int a = 0; a < 3; a++)
        {
            int column = a;
            double[] of = [.. Enumerable.Range(0, chains).Select(i => x[(3 * i) + column])];
            Agree($"E w{a}", exact.First(a), of.Average(), Math.Sqrt((exact.Second(a) - Math.Pow(exact.First(a), 2)) / chains));
            Agree($"E w{a}²", exact.Second(a), of.Average(v => v * v), Math.Sqrt((exact.Fourth(a) - Math.Pow(exact.Second(a), 2)) / chains));
        }
    }

    [TestMethod]
    [DataRow(LangevinDynamics.Underdamped, 0.2, 1.0, false)]
    [DataRow(LangevinDynamics.Underdamped, 0.2, 1.0, true)]
    [DataRow(LangevinDynamics.Overdamped, 0.01, 1.0, false)]
    public void Stiefel_LongChain_MomentsOfTheConstrainedGaussian(LangevinDynamics dynamics, double step, double friction, bool wide)
    {
        const int Steps = 40_000;
        double[] stiffness = [0.3, 1, 2, 0.6, 1.5, 0.1];
        Parameter weight = wide ? nn.Parameter(eye(2, 3, dtype: ScalarType.Float64)) : nn.Parameter(eye(3, 2, dtype: ScalarType.Float64));
        Tensor k = from_array(stiffness).reshape(3, 2);
        if (wide)
            k = k.t();
        using var optimizer = new ConstrainedLangevin([weight], step, Temperature, friction, WeightConstraint.Orthogonal(), dynamics, seed: 3) { Threads = 1 };
        var samples = new double[Steps][];
        for (int i = 0; i < Steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            using (no_grad())
                weight.grad = (weight * k).MoveToOuterDisposeScope();
            optimizer.step();
            samples[i] = weight.data<double>().ToArray();
        }

        Moments exact = StiefelMoments(stiffness);
        for (int i = 0; i < 6; i++)
        {
            int place = wide ? ((i % 2) * 3) + (i / 2) : i;
            (double mean, double error) = BatchMeans([.. samples.Select(w => w[place] * w[place])]);
            Agree($"E w{i}²", exact.Second(i), mean, error);
            Assert.IsLessThan(0.03, error, "too few steps to tell");
        }

        Assert.AreEqual(0, optimizer.Diagnostics.Repairs);
    }

    [TestMethod]
    public void Circle_StepHalved_BiasOfTheUnderdampedSchemeFallsToAQuarter()
    {
        const double Radius = 1, Stiffness = 4, Centre = 0.5, Friction = 0.2;
        double exact = 0, normaliser = 0;
        for (int i = 0; i < 2000; i++)
        {
            double w = Radius * Math.Sin(2 * Math.PI * i / 2000), density = Math.Exp(-Stiffness * (w - Centre) * (w - Centre) / (2 * Temperature));
            normaliser += density;
            exact += density * w * w;
        }

        exact /= normaliser;
        double[] steps = [0.5, 0.25], biases = [.. steps.Select(h => Average(h) - exact)];
        TestContext.WriteLine($"exact {exact}; biases {string.Join(", ", biases)}; slope {Math.Log2(biases[0] / biases[1])}");
        Assert.IsGreaterThan(0.0012, Math.Abs(biases[1]), "The bias must stand out from the noise.");
        Assert.AreEqual(2, Math.Log2(biases[0] / biases[1]), 0.35);

        double Average(double h)
        {
            const int Chains = 20_000;
            Parameter weight = nn.Parameter(zeros(Chains, dtype: ScalarType.Float32));
            using var optimizer = new ConstrainedLangevin([weight], h, Temperature, Friction, WeightConstraint.Circle(Radius), seed: 4);
            Action force = () => weight.grad = (weight.detach() - Centre) * Stiffness;
            Run(optimizer, force, (int)(30 / h));
            double sum = 0;
            int rounds = (int)(300 / h);
            for (int i = 0; i < rounds; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                force();
                optimizer.step();
                sum += weight.detach().square().mean().item<float>();
            }

            return sum / rounds;
        }
    }

    /// <summary>Over rotations by Euler angles, whose first two columns are the matrices; the invariant measure is sin β dα dβ dγ.</summary>
    private static Moments StiefelMoments(double[] stiffness)
    {
        const int Grid = 48;
        var result = new Moments(6);
        for (int i = 0; i < Grid; i++)
        {
            double z = -1 + ((i + 0.5) * 2 / Grid), s = Math.Sqrt(1 - (z * z));
            for (int j = 0; j < Grid; j++)
            {
                (double sa, double ca) = Math.SinCos(2 * Math.PI * j / Grid);
                for (int l = 0; l < Grid; l++)
                {
                    (double sg, double cg) = Math.SinCos(2 * Math.PI * l / Grid);
                    double[] w = [(ca * z * cg) - (sa * sg), -(ca * z * sg) - (sa * cg), (sa * z * cg) + (ca * sg), -(sa * z * sg) + (ca * cg), -s * cg, s * sg];
                    double energy = 0;
                    for (int a = 0; a < 6; a++)
                        energy += stiffness[a] * w[a] * w[a] / 2;
                    result.Add(w, Math.Exp(-energy / Temperature));
                }
            }
        }

        return result;
    }

    private void Agree(string what, double exact, double found, double error)
    {
        TestContext.WriteLine($"{what}: exact {exact:F5}, found {found:F5} ± {error:F5} ({(found - exact) / error:F2} standard errors)");
        Assert.IsLessThanOrEqualTo(4 * error, Math.Abs(found - exact), what);
    }

    private sealed class Moments(int dimension)
    {
        private readonly double[,] _sums = new double[dimension, 3];
        private double _weight;

        public double First(int i) => _sums[i, 0] / _weight;

        public double Second(int i) => _sums[i, 1] / _weight;

        public double Fourth(int i) => _sums[i, 2] / _weight;

        public void Add(double[] w, double density)
        {
            _weight += density;
            for (int i = 0; i < w.Length; i++)
            {
                _sums[i, 0] += density * w[i];
                _sums[i, 1] += density * w[i] * w[i];
                _sums[i, 2] += density * Math.Pow(w[i], 4);
            }
        }
    }
}
