using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Optimizers;

/// <summary>Mistakes, and what is repaired.</summary>
[TestClass]
public class LangevinErrorTests : LangevinTest
{
    [TestMethod]
    public void Construct_WeightBeyondItsCircle_NamesItOrScalesIt()
    {
        Parameter weight = nn.Parameter(from_array(new[] { 0.1, -0.4, 0.2 }).reshape(1, 3));
        Exception e = Assert.ThrowsExactly<ArgumentException>(() => new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Circle(0.3)));
        StringAssert.Contains(e.Message, "parameter 0 of group 0, of shape [1, 3], has an initial weight of size 0.4 beyond its circle of radius 0.3");
        StringAssert.Contains(e.Message, "scaleInitialWeights");
        using var optimizer = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Circle(0.3, scaleInitialWeights: true));
        AreClose(from_array(new[] { 0.07125, -0.285, 0.1425 }).reshape(1, 3), weight, 1e-15);
        Assert.AreEqual(1, optimizer.Diagnostics.Scaled);
        Assert.IsLessThan(1e-15, optimizer.Residuals().Position);
    }

    [TestMethod]
    [DataRow(3, 6)]
    [DataRow(6, 3)]
    [DataRow(4, 4)]
    public void Construct_Orthogonal_InitialisesByTheTransposedQ(int rows, int columns)
    {
        Parameter weight = nn.Parameter(Normal(new Random(1), rows, columns));
        Tensor before = weight.detach().clone();
        using var optimizer = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Orthogonal());
        Assert.IsLessThan(1e-14, optimizer.Residuals().Position);

        // Gram and Schmidt's row (or column) k is a combination of the first k + 1 given ones, with positive weight on the last.
        Tensor v = rows < columns ? weight.t() : weight, given = rows < columns ? before.t() : before;
        Tensor r = v.t().matmul(given);
        AreClose(given, v.matmul(r), 1e-13);
        double[] values = Values(r);
        int n = Math.Min(rows, columns);
        for (int i = 0; i < n; i++)
        {
            Assert.IsGreaterThan(0, values[(i * n) + i]);
            for (int j = 0; j < i; j++)
                Assert.AreEqual(0, values[(i * n) + j], 1e-14);
        }
    }

    [TestMethod]
    public void Construct_WeightsThatObeyAlready_AreNotTouched()
    {
        Parameter weight = nn.Parameter(Normal(new Random(1), 5, 3).to(ScalarType.Float32));
        using var first = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Orthogonal());
        Tensor orthonormal = weight.detach().clone();
        using var second = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Orthogonal());
        Assert.AreEqual(0, LargestDifference(orthonormal, weight));
        using var sphere = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Sphere(2));
        Tensor scaled = weight.detach().clone();
        using var again = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Sphere(2));
        Assert.AreEqual(0, LargestDifference(scaled, weight));
    }

    [TestMethod]
    [DataRow("float", 1.4e-7, 2e-6)]
    [DataRow("double", 1e-14, 2e-12)]
    public void Construct_CircleWeightBeyondTheRadiusByRounding_IsNotTouched(string type, double rounding, double error)
    {
        // 1.4e-7 is what steps in float32 leave.
        foreach (double radius in new[] { 0.05, 0.1, 0.7 })
        {
            Parameter weight = nn.Parameter(from_array(new[] { radius * (1 + rounding), 0 }).to(type == "float" ? ScalarType.Float32 : ScalarType.Float64));
            Tensor before = weight.detach().clone();
            using var optimizer = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Circle(radius));
            using var scaling = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Circle(radius, scaleInitialWeights: true));
            Assert.AreEqual(0, LargestDifference(before, weight));
            Parameter far = nn.Parameter(from_array(new[] { radius * (1 + error), 0 }).to(weight.dtype));
            Assert.ThrowsExactly<ArgumentException>(() => new ConstrainedLangevin([far], 0.1, constraint: WeightConstraint.Circle(radius)));
        }
    }

    [TestMethod]
    public void Construct_RankDeficientMatrix_IsCompletedAndCounted()
    {
        foreach (Tensor start in new[] { zeros(4, 3), ones(4, 3), from_array(new double[] { 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1 }).reshape(4, 3) })
        {
            Parameter weight = nn.Parameter(start.to(ScalarType.Float64));
            using var optimizer = new ConstrainedLangevin([weight], 0.1, constraint: WeightConstraint.Orthogonal());
            Assert.AreEqual(1, optimizer.Diagnostics.RankDeficient);
            Assert.IsLessThan(1e-14, optimizer.Residuals().Position);
        }
    }

    [TestMethod]
    public void Construct_BadStarts_NameTheParameter()
    {
        Parameter good = nn.Parameter(ones(2, 2)), zeroRow = nn.Parameter(from_array(new[] { 1.0, 2, 0, 0 }).reshape(2, 2));
        Parameter bad = nn.Parameter(from_array(new[] { 1.0, double.NaN, 0, 0 }).reshape(2, 2)), vector = nn.Parameter(ones(3));
        foreach ((Parameter weight, WeightConstraint constraint, string message) in new[]
        {
            (zeroRow, WeightConstraint.Sphere(), "has a row of length 0"),
            (bad, WeightConstraint.Sphere(), "has a row of length"),
            (bad, WeightConstraint.Orthogonal(), "has a weight that is not finite"),
            (bad, WeightConstraint.Circle(1), "has a weight that is not finite"),
            (vector, WeightConstraint.Orthogonal(), "has no rows and columns"),
            (vector, WeightConstraint.Sphere(), "has no rows to keep on spheres; leave it to a group without constraint"),
            (vector, WeightConstraint.Polyhedral(ConstraintSet.Over(2).Simplex()), "has 3 elements but its constraints are over 2 variables"),
            (vector, WeightConstraint.Polyhedral(ConstraintSet.Over(3).Linear("x0 >= 1").Linear("x0 <= 0")), "PrimalInfeasible"),
            (good, WeightConstraint.None, "is in another place of the groups too"),
        })
        {
            Exception e = Assert.ThrowsExactly<ArgumentException>(() => new ConstrainedLangevin(
                [new ConstrainedLangevin.ParamGroup([good]), new ConstrainedLangevin.ParamGroup([weight], constraint)], 0.1));
            StringAssert.Contains(e.Message, message);
            StringAssert.Contains(e.Message, "parameter 0 of group 1");
        }
    }

    [TestMethod]
    public void Construct_InACultureWithCommas_NumbersInMessagesHavePoints()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Parameter zeroRow = nn.Parameter(from_array(new[] { 1.0, 2, 0, 0 }).reshape(2, 2));
            Exception e = Assert.ThrowsExactly<ArgumentException>(() => new ConstrainedLangevin([zeroRow], 0.1, constraint: WeightConstraint.Sphere(1.5)));
            StringAssert.Contains(e.Message, "cannot be scaled to 1.5");
            StringAssert.Contains(WeightConstraint.Orthogonal(0.25).ToString(), "0.25");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void AddParamGroup_BaseClassGroup_SaysWhatIsExpected()
    {
        Parameter weight = nn.Parameter(ones(2)), other = nn.Parameter(ones(2));
        using var optimizer = new ConstrainedLangevin([weight], 0.1);
        var group = new ParamGroup<ConstrainedLangevin.Options>([other], new ConstrainedLangevin.Options());
        Exception e = Assert.ThrowsExactly<ArgumentException>(() => optimizer.add_param_group(group));
        StringAssert.Contains(e.Message, "expected a ConstrainedLangevin.ParamGroup");
        weight.grad = ones(2);
        optimizer.step();
        Assert.AreEqual(1, optimizer.Diagnostics.Steps);
    }

    [TestMethod]
    public void AddParamGroup_Fails_ChangesNothing()
    {
        Parameter first = nn.Parameter(ones(2)), matrix = nn.Parameter(Normal(new Random(1), 3, 2)), vector = nn.Parameter(ones(3));
        Tensor before = matrix.detach().clone();
        using var optimizer = new ConstrainedLangevin([first], 0.1);
        var options = new ConstrainedLangevin.Options { Constraint = WeightConstraint.Orthogonal() };
        Assert.ThrowsExactly<ArgumentException>(() => optimizer.add_param_group(new ConstrainedLangevin.ParamGroup([matrix, vector], options)));
        Assert.ThrowsExactly<ArgumentException>(() => optimizer.add_param_group(new ConstrainedLangevin.ParamGroup([matrix, matrix], options)));
        Assert.AreEqual(0, LargestDifference(before, matrix));
        Assert.IsNull(options.LearningRate);
        Assert.HasCount(1, optimizer.state_dict().State);

        optimizer.add_param_group(new ConstrainedLangevin.ParamGroup([matrix], options));
        Assert.HasCount(2, optimizer.state_dict().State);
        Assert.AreEqual(0.1, options.LearningRate);
        Assert.IsLessThan(1e-14, optimizer.Residuals().Position);
    }

    [TestMethod]
    public void Construct_LaterGroupFails_WeightsOfEarlierOnesStay()
    {
        Parameter matrix = nn.Parameter(Normal(new Random(1), 3, 2)), vector = nn.Parameter(ones(3));
        Tensor before = matrix.detach().clone();
        Assert.ThrowsExactly<ArgumentException>(() => new ConstrainedLangevin(
            [new ConstrainedLangevin.ParamGroup([matrix], WeightConstraint.Orthogonal()), new ConstrainedLangevin.ParamGroup([vector], WeightConstraint.Sphere())], 0.1));
        Assert.AreEqual(0, LargestDifference(before, matrix));
    }

    [TestMethod]
    public void Step_ParametersWithoutElements_AreLeftOut()
    {
        foreach (WeightConstraint constraint in new[] { WeightConstraint.None, WeightConstraint.Circle(1), WeightConstraint.Sphere(), WeightConstraint.Orthogonal() })
        {
            foreach (bool tensors in new[] { false, true })
            {
                Parameter[] empties = [.. new long[][] { [0], [0, 3], [3, 0] }.Select(shape => nn.Parameter(zeros(shape)))];
                Parameter moving = nn.Parameter(from_array(new[] { 0.6, 0.8 }).reshape(1, 2));
                using var optimizer = new ConstrainedLangevin([.. empties, moving], 0.1, 0.1, constraint: constraint) { AlwaysUseTensorOperations = tensors };
                Tensor before = moving.detach().clone();
                foreach (Parameter parameter in empties.Append(moving))
                    parameter.grad = ones_like(parameter);
                optimizer.step();
                optimizer.ReverseTime();
                Assert.IsGreaterThan(0, LargestDifference(before, moving));
                Assert.IsLessThan(1e-14, optimizer.Residuals().Position);
            }
        }
    }

    [TestMethod]
    public void Step_OptionsChangedToWhatMakesNoSense_ThrowsBeforeAnythingMoves()
    {
        foreach ((Action<ConstrainedLangevin.ParamGroup> change, string message) in new (Action<ConstrainedLangevin.ParamGroup>, string)[]
        {
            (group => group.Options.Temperature = -1, "The temperature of group 1 is -1"),
            (group => group.Options.Temperature = double.NaN, "The temperature of group 1 is NaN"),
            (group => group.LearningRate = double.NaN, "The learning rate of group 1 is NaN"),
            (group => group.Options.Friction = null, "The friction of group 1 is null"),
            (group => group.Options.WeightDecay = double.PositiveInfinity, "The weight decay of group 1 is Infinity"),
            (group => group.Options.Seed = null, "The seed of group 1 is null"),
            (group => group.Options.Dynamics = null, "The dynamics of group 1 is null"),
            (group => group.Options.Dynamics = LangevinDynamics.Overdamped, "The dynamics of group 1 is Overdamped but was Underdamped"),
            (group => group.Options = new ConstrainedLangevin.Options(), "The learning rate of group 1 is null"),
            (group => group.Options = null!, "The learning rate of group 1 is null"),
            (group => group.Options = new ConstrainedLangevin.Options
            {
                LearningRate = 1, Temperature = 0, Friction = 1, Dynamics = LangevinDynamics.Underdamped, WeightDecay = 0, Seed = 0,
                Constraint = WeightConstraint.Circle(2),
            }, "The constraint of group 1 is Circle(2) but was Circle(1)"),
        })
        {
            Parameter first = nn.Parameter(ones(2)), second = nn.Parameter(ones(2) * 0.5);
            var group = new ConstrainedLangevin.ParamGroup([second], WeightConstraint.Circle(1));
            using var optimizer = new ConstrainedLangevin([new ConstrainedLangevin.ParamGroup([first]), group], 0.1);
            first.grad = ones(2);
            second.grad = ones(2);
            change(group);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => optimizer.step()).Message, message);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(optimizer.ReverseTime).Message, message);
            Assert.AreEqual(0, LargestDifference(ones(2), first));
            Assert.AreEqual(0, LargestDifference(zeros(2), optimizer.Speed(first)));
            Assert.AreEqual(0, optimizer.Diagnostics.Steps);
        }
    }

    [TestMethod]
    public void Construct_OptionsOutOfRange_AreNamed()
    {
        Parameter weight = nn.Parameter(ones(2));
        foreach ((Action make, string message) in new (Action, string)[]
        {
            (() => new ConstrainedLangevin([weight], -1), "learning rate is -1"),
            (() => new ConstrainedLangevin([weight], double.PositiveInfinity), "learning rate"),
            (() => new ConstrainedLangevin([weight], 1, -0.5), "temperature is -0.5"),
            (() => new ConstrainedLangevin([weight], 1, 0, double.NaN), "friction is NaN"),
            (() => new ConstrainedLangevin([weight], 1, weightDecay: -2), "weight decay is -2"),
            (() => new ConstrainedLangevin([weight], 1, dynamics: (LangevinDynamics)7), "dynamics is 7"),
            (() => new ConstrainedLangevin([nn.Parameter(ones(2, dtype: ScalarType.Float16))], 1), "of type Float16"),
            (() => WeightConstraint.Circle(0), "radius"),
            (() => WeightConstraint.Sphere(double.NaN), "radius"),
            (() => WeightConstraint.Orthogonal(-1), "tolerance"),
            (() => WeightConstraint.Orthogonal(1e-3, 0), "maxIterations"),
            (() => WeightConstraint.Polyhedral(ConstraintSet.Over(2).Linear("x0 <= @Limit")), "Limit"),
            (() => ConstrainedLangevin.FromSgd(0.1, 1), "momentum"),
            (() => ConstrainedLangevin.FromSgd(0, 0.5), "learningRate"),
        })
        {
            StringAssert.Contains(Assert.Throws<ArgumentException>(make).Message, message);
        }
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(double.NegativeInfinity)]
    public void Step_GradientNotFinite_ChangesNothingAndSaysSo(double value)
    {
        foreach (bool tensors in new[] { false, true })
        {
            Parameter first = nn.Parameter(ones(3)), second = nn.Parameter(ones(2, 20));
            using var optimizer = new ConstrainedLangevin([first, second], 0.1, 0.1) { AlwaysUseTensorOperations = tensors };
            first.grad = ones(3);
            Tensor gradient = ones(2, 20);
            gradient[1, 17] = (float)value;
            second.grad = tensors ? gradient.t().contiguous().t() : gradient;
            Exception e = Assert.ThrowsExactly<InvalidOperationException>(() => optimizer.step());
            StringAssert.Contains(e.Message, "parameter 1 of group 0, of shape [2, 20], holds a NaN or an infinity");
            Assert.ThrowsExactly<InvalidOperationException>(optimizer.ReverseTime);
            optimizer.NonFiniteGradients = NonFiniteGradients.SkipStep;
            optimizer.step();
            Assert.AreEqual(1, optimizer.Diagnostics.SkippedSteps);
            Assert.AreEqual(0, optimizer.Diagnostics.Steps);
            Assert.AreEqual(0, LargestDifference(ones(3), first));
            Assert.AreEqual(0, LargestDifference(zeros(3), optimizer.Speed(first)));
        }
    }

    [TestMethod]
    [DataRow(5, 3, false)]
    [DataRow(3, 5, false)]
    [DataRow(5, 3, true)]
    public void Step_DriftThatDoesNotConverge_BecomesTheNearestMatrix(int rows, int columns, bool tensors)
    {
        Parameter weight = nn.Parameter(Normal(new Random(2), rows, columns));
        using var optimizer = new ConstrainedLangevin([weight], 1, 0, 0, WeightConstraint.Orthogonal()) { AlwaysUseTensorOperations = tensors };
        Tensor start = weight.detach().clone(), gradient = Normal(new Random(3), rows, columns) * 5;
        weight.grad = gradient;
        optimizer.step();
        Assert.AreEqual(SolverStatus.IterationLimit, optimizer.Diagnostics.Status);
        Assert.AreEqual(1, optimizer.Diagnostics.Repairs);

        // The part of the gradient that is normal to the weights does not count.
        bool wide = rows < columns;
        Tensor w = wide ? start.t() : start, g = wide ? gradient.t() : gradient, product = w.t().matmul(g);
        Tensor tangent = g - w.matmul(product + product.t()) * 0.5;
        (Tensor u, _, Tensor vh) = linalg.svd(start - (wide ? tangent.t() : tangent), false);
        AreClose(u.matmul(vh), weight, 1e-12);
        Assert.IsLessThan(1e-12, optimizer.Residuals().Momentum);
        weight.grad = gradient * 1e-3;
        optimizer.step();
        Assert.IsLessThan(1e-12, optimizer.Residuals().Position);
    }

    [TestMethod]
    [DataRow(3, false)]
    [DataRow(5, false)]
    [DataRow(10, false)]
    [DataRow(30, false)]
    [DataRow(3, true)]
    [DataRow(30, true)]
    public void Step_GradientWithALargeNormalPart_MovesByTheTangentPartOnly(double k, bool tensors)
    {
        // k·W is normal to the orthonormal matrices: alone it moves nothing, and another gradient moves the weights as if it were not there.
        foreach ((int rows, int columns, double strength) in new[] { (6, 3, 0.0), (3, 6, 0.0), (6, 3, 0.05), (4, 4, 0.05) })
        {
            Tensor[] ends = [.. new[] { k, 0 }.Select(normal =>
            {
                Parameter weight = nn.Parameter(Normal(new Random(2), rows, columns));
                using var optimizer = new ConstrainedLangevin([weight], 1, 0, 1, WeightConstraint.Orthogonal()) { AlwaysUseTensorOperations = tensors };
                Tensor start = weight.detach().clone(), pull = Normal(new Random(3), rows, columns) * strength;
                weight.grad = (start * normal) + pull;
                optimizer.step();
                Assert.AreEqual(0, optimizer.Diagnostics.Repairs);
                Assert.AreEqual(SolverStatus.Solved, optimizer.Diagnostics.Status);
                if (strength == 0)
                    AreClose(start, weight, 1e-12);
                return weight.detach();
            })];
            AreClose(ends[1], ends[0], 1e-11);
        }
    }

    [TestMethod]
    public void Step_GradientsNearTheLargestNumber_StayFiniteOnTheConstraint()
    {
        Parameter weight = nn.Parameter(Normal(new Random(2), 4, 3).to(ScalarType.Float32));
        using var optimizer = new ConstrainedLangevin([weight], 10, 0, 0, WeightConstraint.Orthogonal());
        for (int i = 0; i < 3; i++)
        {
            weight.grad = ones_like(weight) * 3e38;
            optimizer.step();
            Assert.IsLessThan(2e-6, optimizer.Residuals().Position);
        }
    }

    [TestMethod]
    public void ReverseTime_Overdamped_IsAnError()
    {
        Parameter weight = nn.Parameter(ones(2));
        using var optimizer = new ConstrainedLangevin([weight], 0.1, dynamics: LangevinDynamics.Overdamped);
        weight.grad = ones(2);
        Assert.ThrowsExactly<InvalidOperationException>(optimizer.ReverseTime);
    }

    [TestMethod]
    public void WeightGroups_OfAModule_PicksWeightsFirstAndOthers()
    {
        using var net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Linear(5, 4), nn.Linear(4, 2));
        IReadOnlyList<ConstrainedLangevin.ParamGroup> groups = WeightGroups.Of(net, WeightConstraint.Orthogonal(), first: WeightConstraint.None);
        Assert.HasCount(3, groups);
        CollectionAssert.AreEqual(new long[] { 4, 1, 3, 3 }, groups[0].Parameters.Single().shape);
        Assert.AreEqual(WeightConstraintKind.None, groups[0].Options.Constraint.Kind);
        Assert.AreEqual("4,5 2,4", string.Join(" ", groups[1].Parameters.Select(p => string.Join(",", p.shape))));
        Assert.AreEqual(WeightConstraintKind.Orthogonal, groups[1].Options.Constraint.Kind);
        Assert.AreEqual("4 4 2", string.Join(" ", groups[2].Parameters.Select(p => string.Join(",", p.shape))));
        Assert.AreEqual(WeightConstraintKind.None, groups[2].Options.Constraint.Kind);
        Assert.AreEqual(WeightConstraintKind.Circle, WeightGroups.Of(net, WeightConstraint.Circle(1))[0].Options.Constraint.Kind);
        Assert.ThrowsExactly<ArgumentException>(() => WeightGroups.Of(nn.Sequential(nn.ReLU()), WeightConstraint.None));
    }
}
