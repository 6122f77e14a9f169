using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Optimizers;

[TestClass]
public class ConstrainedLangevinTests : LangevinTest
{
    private static WeightConstraint Constraint(string name) => name switch
    {
        "free" => WeightConstraint.None,
        "circle" => WeightConstraint.Circle(0.8),
        "sphere" => WeightConstraint.Sphere(),
        "polyhedral" => WeightConstraint.Polyhedral(ConstraintSet.Over(12).Simplex()),
        _ => WeightConstraint.Orthogonal(),
    };

    private static long[] Shape(string name) => name switch
    {
        "tall" => [7, 3],
        "wide" => [3, 7],
        "square" => [5, 5],
        "kernel" => [4, 2, 3, 3],
        "polyhedral" => [3, 4],
        _ => [6, 5],
    };

    [TestMethod]
    [DataRow("circle", false)]
    [DataRow("circle", true)]
    [DataRow("sphere", false)]
    [DataRow("sphere", true)]
    [DataRow("tall", false)]
    [DataRow("tall", true)]
    [DataRow("wide", false)]
    [DataRow("kernel", true)]
    [DataRow("square", false)]
    public void Step_TenThousandNoisySteps_ConstraintHoldsAllAlong(string name, bool single)
    {
        var random = new Random(3);
        Parameter weight = Weight(random, Constraint(name), single ? ScalarType.Float32 : ScalarType.Float64, Shape(name));
        Action force = QuadraticForce(random, weight);
        using var optimizer = new ConstrainedLangevin([weight], 0.05, temperature: 0.01, friction: 1, Constraint(name), seed: 5);
        LangevinResiduals worst = default;
        for (int i = 0; i < 100; i++)
        {
            Run(optimizer, force, 100);
            LangevinResiduals now = optimizer.Residuals();
            worst = new(Math.Max(worst.Position, now.Position), Math.Max(worst.Momentum, now.Momentum));
        }

        double limit = single ? 1e-6 : 1e-12;
        Assert.IsLessThanOrEqualTo(limit, worst.Position);
        Assert.IsLessThanOrEqualTo(limit, worst.Momentum);
        Assert.AreEqual(SolverStatus.Solved, optimizer.Diagnostics.Status);
        Assert.AreEqual(0, optimizer.Diagnostics.Repairs);
        Assert.AreEqual(10_000, optimizer.Diagnostics.Steps);
        Assert.IsGreaterThan(1e-3, Values(optimizer.Speed(weight)).Max(Math.Abs), "It stopped.");
    }

    [TestMethod]
    [DataRow("circle")]
    [DataRow("sphere")]
    [DataRow("wide")]
    public void Step_Overdamped_ConstraintHoldsAllAlong(string name)
    {
        var random = new Random(4);
        Parameter weight = Weight(random, Constraint(name), ScalarType.Float32, Shape(name));
        using var optimizer = new ConstrainedLangevin([weight], 0.01, 0.1, 1, Constraint(name), LangevinDynamics.Overdamped);
        Run(optimizer, QuadraticForce(random, weight), 10_000);
        Assert.IsLessThanOrEqualTo(1e-6, optimizer.Residuals().Position);
    }

    [TestMethod]
    public void Step_LargeOrthogonalMatrixInFloat_ConstraintHolds()
    {
        var random = new Random(4);
        Parameter weight = Weight(random, Constraint("wide"), ScalarType.Float32, 64, 576);
        using var optimizer = new ConstrainedLangevin([weight], 0.1, 0, 1, Constraint("wide"));
        Run(optimizer, QuadraticForce(random, weight, 0.1), 300);
        LangevinResiduals residuals = optimizer.Residuals();
        Assert.IsLessThanOrEqualTo(1e-6, residuals.Position);
        Assert.IsLessThanOrEqualTo(1e-6, residuals.Momentum);
    }

    [TestMethod]
    [DataRow("free")]
    [DataRow("circle")]
    [DataRow("sphere")]
    [DataRow("tall")]
    [DataRow("wide")]
    [DataRow("kernel")]
    public void ReverseTime_WithoutFrictionAndNoise_ReturnsToTheStart(string name)
    {
        var random = new Random(6);
        Parameter weight = Weight(random, Constraint(name), ScalarType.Float64, Shape(name));
        Action force = QuadraticForce(random, weight);
        using var optimizer = new ConstrainedLangevin([weight], 0.05, 0, friction: 0, Constraint(name));
        Run(optimizer, force, 20);
        Tensor start = weight.detach().clone(), momentum = optimizer.Speed(weight).clone();
        Run(optimizer, force, 400);
        Assert.IsGreaterThan(0.05, LargestDifference(start, weight), "It did not go far.");
        force();
        optimizer.ReverseTime();
        Run(optimizer, force, 400);
        AreClose(start, weight, 1e-8);
        force();
        optimizer.ReverseTime();
        AreClose(momentum, optimizer.Speed(weight), 1e-8);
    }

    [TestMethod]
    public void Step_NoConstraintAtTemperatureZero_IsSgdWithMomentum()
    {
        var random = new Random(7);
        Parameter mine = Weight(random, WeightConstraint.None, ScalarType.Float64, 4, 3), theirs = nn.Parameter(mine.detach().clone());
        (double step, double friction) = ConstrainedLangevin.FromSgd(0.05, 0.8);
        using var optimizer = new ConstrainedLangevin([mine], step, 0, friction, weightDecay: 0.3);
        using SGD sgd = optim.SGD([theirs], 0.05, 0.8, 0, 0.3);
        for (int i = 0; i < 50; i++)
        {
            foreach (Parameter weight in new[] { mine, theirs })
            {
                weight.grad = null;
                (weight.pow(4).sum() / 4).backward();
            }

            optimizer.step();
            sgd.step();
        }

        AreClose(theirs, mine, 1e-13);
    }

    [TestMethod]
    public void Step_OverdampedAtTemperatureZero_IsGradientDescent()
    {
        Parameter weight = nn.Parameter(from_array(new[] { 1.0, -2, 3 }));
        using var optimizer = new ConstrainedLangevin([weight], 0.1, dynamics: LangevinDynamics.Overdamped);
        weight.grad = from_array(new[] { 1.0, 2, -4 });
        optimizer.step();
        AreClose(from_array(new[] { 0.9, -2.2, 3.4 }), weight, 1e-15);
    }

    [TestMethod]
    public void Step_Circle_TurnsByTheExactAngle()
    {
        // w = r sin φ with φ'' = −(1/r²) dV/dφ: one step from rest turns by −(h²/2)(1 + c)·g·ξ/r².
        const double R = 0.5, H = 0.2, Friction = 1.5, G = 0.3, W = 0.2;
        Parameter weight = nn.Parameter(from_array(new[] { W }));
        using var optimizer = new ConstrainedLangevin([weight], H, 0, Friction, WeightConstraint.Circle(R));
        weight.grad = from_array(new[] { G });
        optimizer.step();
        double angle = Math.Asin(W / R) - (H * H / 2 * (1 + Math.Exp(-Friction * H)) * G * Math.Sqrt((R * R) - (W * W)) / (R * R));
        Assert.AreEqual(R * Math.Sin(angle), weight.item<double>(), 1e-15);
    }

    [TestMethod]
    [DataRow("float", 1e-5)]
    [DataRow("double", 1e-12)]
    public void Step_CircleWithLargeAngles_TurnsByTheExactAngle(string type, double tolerance)
    {
        const double R = 1, H = 1;
        double[] kicks = [0, 0.5, -0.79, 3, -100, 1.7, 0.78, 25, -0.786, 1e-9, 6];
        Parameter weight = nn.Parameter(zeros(kicks.Length, dtype: type == "float" ? ScalarType.Float32 : ScalarType.Float64));
        using var optimizer = new ConstrainedLangevin([weight], H, 0, double.PositiveInfinity, WeightConstraint.Circle(R));
        weight.grad = from_array(kicks).to(weight.dtype);
        optimizer.step();
        double[] found = Values(weight);
        for (int i = 0; i < kicks.Length; i++)
            Assert.AreEqual(Math.Sin(-kicks[i] / 2), found[i], tolerance);
    }

    [TestMethod]
    [DataRow("float", false)]
    [DataRow("float", true)]
    [DataRow("double", false)]
    [DataRow("double", true)]
    public void Step_CircleWeightsChangedFromOutside_GoOnFromWhereTheyWerePut(string type, bool tensors)
    {
        // From rest one step turns by −(h²/2)(1 + c)·g·ξ/r² with the ξ of the weight as it is now; beyond the radius, by none from ±r.
        const double R = 0.5, H = 0.2, G = 0.3;
        ScalarType precision = type == "float" ? ScalarType.Float32 : ScalarType.Float64;
        foreach (bool overdamped in new[] { false, true })
        {
            double[] before = [.. Enumerable.Range(0, 37).Select(i => R * Math.Sin(i - 18))];
            double[] given = [.. Enumerable.Range(0, 37).Select(i => i % 3 == 0 ? before[i] : R * Math.Sin((7.0 * i) + 1))];
            (given[5], given[17], given[36]) = (0.9, -1e6, 3);
            Parameter weight = nn.Parameter(from_array(before).to(precision));
            using var optimizer = new ConstrainedLangevin(
                [weight], H, 0, 1, WeightConstraint.Circle(R), overdamped ? LangevinDynamics.Overdamped : LangevinDynamics.Underdamped)
            { AlwaysUseTensorOperations = tensors };
            weight.grad = zeros_like(weight);
            optimizer.step();
            Assert.AreEqual(0, optimizer.Diagnostics.Repairs);
            using (no_grad())
                weight.copy_(from_array(given).to(precision));
            weight.grad = ones_like(weight) * G;
            optimizer.step();
            Assert.AreEqual(1, optimizer.Diagnostics.Repairs);
            double[] found = Values(weight);
            double factor = overdamped ? H : H * H / 2 * (1 + Math.Exp(-H));
            for (int i = 0; i < given.Length; i++)
            {
                double w = Math.Clamp(given[i], -R, R), angle = Math.Asin(w / R) - (factor * G * Math.Sqrt((R * R) - (w * w)) / (R * R));
                Assert.AreEqual(R * Math.Sin(angle), found[i], type == "float" ? 1e-6 : 1e-14, $"weight {i}");
            }

            Assert.IsLessThan(type == "float" ? 1e-6 : 1e-14, optimizer.Residuals().Position);
            optimizer.step();
            Assert.AreEqual(1, optimizer.Diagnostics.Repairs);
        }
    }

    [TestMethod]
    [DataRow("free", false)]
    [DataRow("free", true)]
    [DataRow("circle", false)]
    [DataRow("circle", true)]
    [DataRow("tall", false)]
    [DataRow("tall", true)]
    [DataRow("wide", false)]
    [DataRow("kernel", true)]
    public void Step_ManagedAndTensorOperations_AreTheSame(string name, bool overdamped)
    {
        LangevinDynamics dynamics = overdamped ? LangevinDynamics.Overdamped : LangevinDynamics.Underdamped;
        Tensor[] ends = [.. new[] { false, true }.Select(tensors =>
        {
            var random = new Random(8);
            Parameter weight = Weight(random, Constraint(name), ScalarType.Float64, Shape(name));
            using var optimizer = new ConstrainedLangevin([weight], 0.1, 0.02, 1, Constraint(name), dynamics, 0.1, 3) { AlwaysUseTensorOperations = tensors };
            Run(optimizer, QuadraticForce(random, weight), 40);
            return weight.detach();
        })];
        AreClose(ends[0], ends[1], 1e-11);
    }

    [TestMethod]
    public void Step_WeightThatIsNotContiguous_IsTheSame()
    {
        foreach (string name in new[] { "circle", "tall", "sphere" })
        {
            Tensor[] ends = [.. new[] { false, true }.Select(strided =>
            {
                var random = new Random(8);
                Tensor values = Weight(random, Constraint(name), ScalarType.Float64, Shape(name)).detach();
                Parameter weight = nn.Parameter(strided ? values.t().contiguous().t() : values);
                Assert.AreEqual(!strided, weight.is_contiguous());
                using var optimizer = new ConstrainedLangevin([weight], 0.1, 0.02, 1, Constraint(name));
                Run(optimizer, QuadraticForce(random, weight), 20);
                return weight.detach();
            })];
            AreClose(ends[0], ends[1], 1e-12, name);
        }
    }

    [TestMethod]
    [DataRow("circle")]
    [DataRow("tall")]
    public void Step_AnyNumberOfThreads_EqualBits(string name)
    {
        Tensor[] ends = [.. new[] { 1, 3 }.Select(threads =>
        {
            var random = new Random(9);
            Parameter weight = Weight(random, Constraint(name), ScalarType.Float32, 301, 150);
            using var optimizer = new ConstrainedLangevin([weight], 0.05, 0.001, 1, Constraint(name)) { Threads = threads };
            Run(optimizer, QuadraticForce(random, weight, 0.1), 5);
            return weight.detach();
        })];
        Assert.AreEqual(0, LargestDifference(ends[0], ends[1]));
    }

    [TestMethod]
    [DataRow("free", false)]
    [DataRow("circle", false)]
    [DataRow("circle", true)]
    [DataRow("sphere", false)]
    [DataRow("tall", false)]
    [DataRow("polyhedral", false)]
    public void LoadStateDict_NewOptimizerAfterHalfTheSteps_GoesOnToTheBit(string name, bool overdamped)
    {
        LangevinDynamics dynamics = overdamped ? LangevinDynamics.Overdamped : LangevinDynamics.Underdamped;
        Parameter weight = Weight(new Random(10), Constraint(name), ScalarType.Float32, Shape(name));
        using var optimizer = new ConstrainedLangevin([weight], 0.05, 0.01, 1, Constraint(name), dynamics, seed: 77);
        Run(optimizer, QuadraticForce(new Random(11), weight), 60);
        Parameter copy = nn.Parameter(weight.detach().clone());
        using var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        Run(optimizer, QuadraticForce(new Random(11), weight), 60);

        using var second = new ConstrainedLangevin([copy], 0.4, 0.2, 3, Constraint(name), dynamics);
        stream.Position = 0;
        second.load_state_dict(new BinaryReader(stream));
        Run(second, QuadraticForce(new Random(11), copy), 60);
        Assert.AreEqual(0, LargestDifference(weight, copy));

        Parameter third = nn.Parameter(copy.detach().clone());
        using var direct = new ConstrainedLangevin([third], 0.4, 0.2, 3, Constraint(name), dynamics);
        direct.load_state_dict(second.state_dict());
        Run(direct, QuadraticForce(new Random(11), third), 5);
        Run(second, QuadraticForce(new Random(11), copy), 5);
        Assert.AreEqual(0, LargestDifference(copy, third));
    }

    [TestMethod]
    [DataRow("float", 1e-3)]
    [DataRow("float", 1e-5)]
    [DataRow("double", 1e-4)]
    public void Construct_OrthogonalWithinAToleranceOfItsOwn_WeightsStay(string type, double tolerance)
    {
        WeightConstraint constraint = WeightConstraint.Orthogonal(tolerance);
        Parameter weight = nn.Parameter(Normal(new Random(10), 9, 4).to(type == "float" ? ScalarType.Float32 : ScalarType.Float64));
        Action force = QuadraticForce(new Random(11), weight);
        using var optimizer = new ConstrainedLangevin([weight], 0.1, 0.01, 1, constraint);
        double worst = 0;
        for (int i = 0; i < 30; i++)
        {
            Run(optimizer, force, 1);
            worst = Math.Max(worst, optimizer.Residuals().Position);
            Parameter copy = nn.Parameter(weight.detach().clone());
            using var second = new ConstrainedLangevin([copy], 0.1, 0.01, 1, constraint);
            Assert.AreEqual(0, LargestDifference(weight, copy));
        }

        Assert.IsGreaterThan(1e-6, worst, "It is too near to show anything.");
    }

    [TestMethod]
    public void LoadStateDict_OtherConstraintOrDynamics_IsAnErrorAndChangesNothing()
    {
        ConstraintSet set = ConstraintSet.Over(9).Linear("x0 >= -1");
        (WeightConstraint Saved, WeightConstraint[] Others)[] cases =
        [
            (WeightConstraint.Circle(3), [WeightConstraint.Circle(4), WeightConstraint.None]),
            (WeightConstraint.None, [WeightConstraint.Sphere(), WeightConstraint.Circle(3)]),
            (WeightConstraint.Sphere(2), [WeightConstraint.Sphere()]),
            (WeightConstraint.Orthogonal(), [WeightConstraint.Orthogonal(1e-3), WeightConstraint.Orthogonal(0, 7)]),
            (WeightConstraint.Polyhedral(set), [WeightConstraint.Polyhedral(ConstraintSet.Over(9).Linear("x0 >= -2")), WeightConstraint.None]),
        ];
        foreach ((WeightConstraint saved, WeightConstraint[] others) in cases)
        {
            Parameter weight = nn.Parameter(eye(3, dtype: ScalarType.Float32));
            using var optimizer = new ConstrainedLangevin([weight], 0.1, 0.5, constraint: saved);
            ConstrainedLangevin[] wrong =
            [
                .. others.Select(other => new ConstrainedLangevin([nn.Parameter(weight.detach().clone())], 0.2, constraint: other)),
                new([nn.Parameter(weight.detach().clone())], 0.2, constraint: saved, dynamics: LangevinDynamics.Overdamped),
            ];
            foreach (ConstrainedLangevin other in wrong)
            {
                using var stream = new MemoryStream();
                optimizer.save_state_dict(new BinaryWriter(stream));
                stream.Position = 0;
                StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => other.load_state_dict(new BinaryReader(stream))).Message, "build it as it was saved");
                Assert.ThrowsExactly<InvalidDataException>(() => other.load_state_dict(optimizer.state_dict()));
                var options = (ConstrainedLangevin.Options)other.state_dict().Options[0];
                Assert.AreEqual(0.2, options.LearningRate);
                Assert.AreEqual(0, options.Temperature);
                other.parameters().Single().grad = ones(3, 3) * 0.1f;
                other.step();
                other.Dispose();
            }

            // The same constraint, made again, is no other one.
            WeightConstraint again = saved.Kind == WeightConstraintKind.Polyhedral ? WeightConstraint.Polyhedral(ConstraintSet.Over(9).Linear("x0 >= -1")) : saved;
            using var equal = new ConstrainedLangevin([nn.Parameter(weight.detach().clone())], 0.2, constraint: again);
            using var file = new MemoryStream();
            optimizer.save_state_dict(new BinaryWriter(file));
            file.Position = 0;
            equal.load_state_dict(new BinaryReader(file));
            equal.load_state_dict(optimizer.state_dict());
            Assert.AreEqual(0.5, ((ConstrainedLangevin.Options)equal.state_dict().Options[0]).Temperature);
        }
    }

    [TestMethod]
    [DataRow("free", false)]
    [DataRow("free", true)]
    [DataRow("circle", false)]
    public void LoadStateDict_ParametersOfOtherShapesOrTypes_IsAnErrorAndChangesNothing(string name, bool transposed)
    {
        foreach (bool single in new[] { false, true })
        {
            Parameter small = Weight(new Random(1), Constraint(name), single ? ScalarType.Float32 : ScalarType.Float64, 2, 3);
            Parameter fit = nn.Parameter(small.detach().clone().to(ScalarType.Float32));
            long[] shape = single ? transposed ? [3, 2] : [1000, 1000] : [2, 3];
            Parameter large = nn.Parameter(zeros(shape));
            using var source = new ConstrainedLangevin([fit, small], 0.1, 0.01, 1, Constraint(name), seed: 3);
            Parameter other = nn.Parameter(fit.detach().clone());
            using var target = new ConstrainedLangevin([other, large], 0.2, 0, 1, Constraint(name), seed: 4);
            fit.grad = ones_like(fit);
            small.grad = ones_like(small);
            source.step();
            Assert.ThrowsExactly<InvalidDataException>(() => target.load_state_dict(source.state_dict()));
            Assert.AreEqual(4, ((ConstrainedLangevin.Options)target.state_dict().Options[0]).Seed);
            Assert.AreEqual(0, LargestDifference(zeros_like(other), target.Speed(other)));

            using var stream = new MemoryStream();
            source.save_state_dict(new BinaryWriter(stream));
            stream.Position = 0;
            Assert.ThrowsExactly<InvalidDataException>(() => target.load_state_dict(new BinaryReader(stream)));
            large.grad = ones_like(large);
            other.grad = ones_like(other);
            target.step();
        }
    }

    [TestMethod]
    public void Step_LearningRateScheduler_SetsTheStepSize()
    {
        Parameter weight = nn.Parameter(from_array(new[] { 0.0 }));
        using var optimizer = new ConstrainedLangevin([weight], 1.0, dynamics: LangevinDynamics.Overdamped);
        optim.lr_scheduler.LRScheduler schedule = optim.lr_scheduler.StepLR(optimizer, 2, 0.1);
        double[] positions = new double[4];
        for (int i = 0; i < positions.Length; i++)
        {
            weight.grad = from_array(new[] { -1.0 });
            optimizer.step();
            schedule.step();
            positions[i] = weight.item<double>();
        }

        double[] expected = [1, 2, 2.1, 2.2];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], positions[i], 1e-12);
    }

    [TestMethod]
    public void Step_Closure_IsEvaluatedBeforeTheStep()
    {
        Parameter weight = nn.Parameter(from_array(new[] { 3.0 }));
        using var optimizer = new ConstrainedLangevin([weight], 0.5, dynamics: LangevinDynamics.Overdamped);
        Tensor loss = optimizer.step(() =>
        {
            Tensor value = weight.square().sum();
            value.backward();
            return value;
        });
        Assert.AreEqual(9, loss.item<double>());
        Assert.AreEqual(0, weight.item<double>(), 1e-15);
        optimizer.zero_grad();
        optimizer.step();
        Assert.AreEqual(0, weight.item<double>(), 1e-15);
    }

    [TestMethod]
    public void Step_ParametersWithoutGradientOrElements_Stay()
    {
        Parameter still = nn.Parameter(ones(2)), empty = nn.Parameter(zeros(0, 3)), moving = nn.Parameter(ones(2));
        using var optimizer = new ConstrainedLangevin([still, empty, moving], 0.1, 0.1);
        moving.grad = ones(2);
        empty.grad = zeros(0, 3);
        optimizer.step();
        Assert.AreEqual(0, LargestDifference(ones(2), still));
        Assert.IsGreaterThan(0, LargestDifference(ones(2), moving));
    }

    [TestMethod]
    public void Step_ManySteps_LeaveNoTensors()
    {
        var random = new Random(2);
        Parameter[] weights = [.. new[] { "free", "circle", "sphere", "tall", "polyhedral" }.Select(n => Weight(random, Constraint(n), ScalarType.Float32, Shape(n)))];
        using var optimizer = new ConstrainedLangevin(
            weights.Zip(["free", "circle", "sphere", "tall", "polyhedral"], (w, n) => new ConstrainedLangevin.ParamGroup([w], Constraint(n))), 0.05, 0.01);
        foreach (Parameter weight in weights)
            weight.grad = ones_like(weight);
        for (int i = 0; i < 3; i++)
            optimizer.step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 50; i++)
            optimizer.step();
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Step_Polyhedral_FindsTheConstrainedMinimum()
    {
        // The point of the simplex nearest to (1.4, 0.6, −1) is (0.9, 0.1, 0).
        Parameter weight = nn.Parameter(from_array(new[] { 5.0, 0, 0 }));
        using var optimizer = new ConstrainedLangevin([weight], 0.3, 0, 2, WeightConstraint.Polyhedral(ConstraintSet.Over(3).Simplex()));
        Assert.AreEqual(1, weight.sum().item<double>(), 1e-9);
        Tensor target = from_array(new[] { 1.4, 0.6, -1 });
        for (int i = 0; i < 300; i++)
        {
            using (no_grad())
                weight.grad = weight - target;
            optimizer.step();
            Assert.IsLessThanOrEqualTo(1e-9, optimizer.Residuals().Position);
        }

        AreClose(from_array(new[] { 0.9, 0.1, 0 }), weight, 1e-6);
    }

    [TestMethod]
    public void Step_PolyhedralInFloatFarFromItsBoundary_MomentumKeepsSmallForces()
    {
        // ẍ = −g − γẋ from rest: x = x₀ − g(t − 1 + e^(−t)) for γ = 1. A kick of 3e-7·h is far below the rounding of x.
        const int Steps = 5000;
        const double H = 0.01, G = 0.003, Time = Steps * H;
        Parameter weight = nn.Parameter(ones(1) * 10);
        using var optimizer = new ConstrainedLangevin([weight], H, 0, 1, WeightConstraint.Polyhedral(ConstraintSet.Over(1).Linear("x0 >= -1000000")));
        weight.grad = ones(1) * G;
        for (int i = 0; i < Steps; i++)
            optimizer.step();
        Assert.AreEqual(10 - (G * (Time - 1 + Math.Exp(-Time))), weight.item<float>(), 0.005);
    }

    [TestMethod]
    public void Step_OrthogonalAtTemperatureZero_FindsTheTopEigenvectors()
    {
        var random = new Random(12);
        Tensor basis = linalg.qr(Normal(random, 8, 8)).Q, scale = diag(from_array(new[] { 5.0, 4, 3, 1, 0.8, 0.5, 0.2, 0.1 }));
        Tensor matrix = basis.matmul(scale).matmul(basis.t());
        Parameter weight = nn.Parameter(Normal(random, 8, 3));
        using var optimizer = new ConstrainedLangevin([weight], 0.2, 0, 1, WeightConstraint.Orthogonal());
        Run(
            optimizer,
            () =>
            {
                using IDisposable off = no_grad();
                weight.grad = matrix.matmul(weight) * -1;
            },
            1000);
        Assert.AreEqual(12, weight.t().matmul(matrix).matmul(weight).trace().item<double>(), 1e-8);
    }
}
