using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class DecisionObjectiveTests
{
    private const int Rows = 6, Items = 5;

    private static readonly KnapsackSolver s_solver = new([3, 5, 4, 2, 7], 9);

    private readonly float[] _costs, _trueCosts, _best = new float[Rows * Items];

    public DecisionObjectiveTests()
    {
        var random = new Random(3);
        _costs = [.. Enumerable.Range(0, Rows * Items).Select(_ => (float)(2 * random.NextDouble() - 0.5))];
        _trueCosts = [.. Enumerable.Range(0, Rows * Items).Select(_ => (float)(3 * random.NextDouble()))];
        s_solver.SolveBatch(_trueCosts, _best, new SolverStatus[Rows]);
    }

    [TestMethod]
    public void SquaredError_GradientEqualsCentralDifferences()
    {
        DecisionObjective objective = Make(DecisionMethod.PredictThenOptimize);
        float[] gradient = new float[_costs.Length];
        objective.Evaluate(_costs, _best, _trueCosts, Rows, gradient);
        for (int i = 0; i < _costs.Length; i++)
        {
            float[] moved = (float[])_costs.Clone(), unused = new float[_costs.Length];
            moved[i] += 0.01f;
            double above = objective.Evaluate(moved, _best, _trueCosts, Rows, unused);
            moved[i] -= 0.02f;
            double below = objective.Evaluate(moved, _best, _trueCosts, Rows, unused);
            Assert.AreEqual((above - below) / 0.02, gradient[i], 1e-4);
        }
    }

    [TestMethod]
    public void SpoPlus_IsAConvexBoundOfTheRegretWithASubgradient()
    {
        DecisionObjective objective = Make(DecisionMethod.SpoPlus);
        float[] gradient = new float[_costs.Length], unused = new float[_costs.Length];
        double here = objective.Evaluate(_costs, _best, _trueCosts, Rows, gradient);
        float[] decisions = new float[_costs.Length];
        s_solver.SolveBatch(_costs, decisions, new SolverStatus[Rows]);
        double regret = Dot(_trueCosts, _best) - Dot(_trueCosts, decisions);
        Assert.IsTrue(regret > 0 && here >= regret / Rows - 1e-6);
        var random = new Random(8);
        for (int trial = 0; trial < 200; trial++)
        {
            float[] there = [.. _costs.Select(c => c + (float)(2 * random.NextDouble() - 1))];
            double value = objective.Evaluate(there, _best, _trueCosts, Rows, unused);
            Assert.IsTrue(value >= here + Dot(gradient, there) - Dot(gradient, _costs) - 1e-5);
        }
    }

    [TestMethod]
    public void Identity_Absolute_IsPlusTheSignForAMaximisingSolver()
    {
        DecisionObjective objective = Make(DecisionMethod.Rule, new IdentityRule(), DecisionLoss.Absolute);
        float[] gradient = new float[_costs.Length], decisions = new float[_costs.Length];
        double loss = objective.Evaluate(_costs, _best, [], Rows, gradient);
        s_solver.SolveBatch(_costs, decisions, new SolverStatus[Rows]);
        double different = 0;
        for (int i = 0; i < gradient.Length; i++)
        {
            different += Math.Abs(decisions[i] - _best[i]);
            Assert.AreEqual(Math.Sign(decisions[i] - _best[i]) / (double)Rows, gradient[i], 1e-7);
        }

        Assert.IsGreaterThan(0, different);
        Assert.AreEqual(different / Rows, loss, 1e-6);
    }

    [TestMethod]
    public void Identity_Hamming_DoesNotDependOnTheDecision()
    {
        DecisionObjective objective = Make(DecisionMethod.Rule, new IdentityRule(), DecisionLoss.Hamming);
        float[] gradient = new float[_costs.Length];
        objective.Evaluate(_costs, _best, [], Rows, gradient);
        for (int i = 0; i < gradient.Length; i++)
            Assert.AreEqual((1 - 2 * _best[i]) / Rows, gradient[i], 1e-7);
    }

    [TestMethod]
    public void Interpolation_Regret_ComparesTheDecisionsOfMovedCosts()
    {
        // The gradient of the regret for the decisions is −c; the rule moves the values by +λ c and compares.
        const float Lambda = 0.5f;
        DecisionObjective objective = Make(DecisionMethod.Rule, new InterpolationRule(Lambda), DecisionLoss.Regret);
        float[] gradient = new float[_costs.Length], here = new float[_costs.Length], there = new float[_costs.Length];
        double loss = objective.Evaluate(_costs, _best, _trueCosts, Rows, gradient);
        s_solver.SolveBatch(_costs, here, new SolverStatus[Rows]);
        s_solver.SolveBatch(_costs.Zip(_trueCosts, (w, c) => w + Lambda * c).ToArray(), there, new SolverStatus[Rows]);
        for (int i = 0; i < gradient.Length; i++)
            Assert.AreEqual((here[i] - there[i]) / Lambda / Rows, gradient[i], 1e-6);
        Assert.IsTrue(gradient.Any(g => g != 0));
        Assert.AreEqual((Dot(_trueCosts, _best) - Dot(_trueCosts, here)) / Rows, loss, 1e-5);
    }

    [TestMethod]
    public void FenchelYoung_GradientIsUnbiased()
    {
        // For argmax E y(w + σZ) − y*, here with many more draws of another generator.
        DecisionObjective objective = Make(DecisionMethod.FenchelYoung, samples: 4000);
        float[] gradient = new float[_costs.Length];
        objective.Evaluate(_costs, _best, [], Rows, gradient);
        var random = new Random(11);
        const int Draws = 4000;
        for (int row = 0; row < Rows; row++)
        {
            var mean = new double[Items];
            float[] noisy = new float[Items], decision = new float[Items];
            for (int d = 0; d < Draws; d++)
            {
                for (int i = 0; i < Items; i++)
                    noisy[i] = _costs[row * Items + i] + (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
                s_solver.Solve(noisy, decision);
                for (int i = 0; i < Items; i++)
                    mean[i] += decision[i] / Draws;
            }

            // Both means have a standard error of at most 0.5/√4000 = 0.008: five of them.
            for (int i = 0; i < Items; i++)
                Assert.AreEqual(mean[i] - _best[row * Items + i], Rows * gradient[row * Items + i], 5 * 0.0112);
        }
    }

    [TestMethod]
    public void NoiseMargin_MovesEveryCostByHalfOfIt()
    {
        var seen = new List<double[]>();
        var solver = new DelegateSolver(2, Sense.Minimize, (costs, decision) =>
        {
            lock (seen)
                seen.Add(costs.ToArray());
            return SolverStatus.Solved;
        });
        var objective = new DecisionObjective(
            new DecisionFocusedOptions { Solver = solver, Method = DecisionMethod.Rule, Rule = new IdentityRule(), NoiseMargin = 0.5, Threads = 1 }, 5);
        objective.Evaluate(new float[80], new float[80], [], 40, new float[80]);
        Assert.HasCount(40, seen);
        Assert.IsTrue(seen.All(costs => costs.All(c => Math.Abs(c) == 0.25)));
        Assert.IsTrue(seen.Any(costs => costs[0] > 0) && seen.Any(costs => costs[0] < 0));
    }

    [TestMethod]
    public void UnsolvableRows_AddNothing()
    {
        var grid = new GridShortestPathSolver(1, 3);
        float[] costs = [1, 1, 1, 1, -1, 1, 1, float.NaN, 1], best = [1, 1, 1, 0, 0, 0, 0, 0, 0], gradient = new float[9];
        foreach (DecisionLoss loss in new[] { DecisionLoss.Absolute, DecisionLoss.Hamming })
        {
            var objective = new DecisionObjective(
                new DecisionFocusedOptions { Solver = grid, Method = DecisionMethod.Rule, Rule = new IdentityRule(), Loss = loss }, 5);
            Assert.AreEqual(0, objective.Evaluate(costs, best, [], 3, gradient));
            Assert.IsTrue(gradient.AsSpan(3).IndexOfAnyExcept(0f) < 0);
        }
    }

    [TestMethod]
    public void Evaluate_SmallerBatchAfterALargerOne_GivesTheSame()
    {
        DecisionObjective fresh = Make(DecisionMethod.Rule, new IdentityRule()), used = Make(DecisionMethod.Rule, new IdentityRule());
        float[] expected = new float[2 * Items], actual = new float[2 * Items];
        used.Evaluate(_costs, _best, [], Rows, new float[_costs.Length]);
        double one = fresh.Evaluate(_costs.AsSpan(0, 2 * Items), _best.AsSpan(0, 2 * Items), [], 2, expected);
        Assert.AreEqual(one, used.Evaluate(_costs.AsSpan(0, 2 * Items), _best.AsSpan(0, 2 * Items), [], 2, actual));
        CollectionAssert.AreEqual(expected, actual);
    }

    private static DecisionObjective Make(DecisionMethod method, BackwardRule? rule = null, DecisionLoss loss = DecisionLoss.Auto, int samples = 8) =>
        new(new DecisionFocusedOptions { Solver = s_solver, Label = DecisionLabel.Costs, Method = method, Rule = rule, Loss = loss, Samples = samples }, 5);

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
