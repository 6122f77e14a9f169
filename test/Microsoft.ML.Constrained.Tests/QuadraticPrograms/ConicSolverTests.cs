using System;
using System.Linq;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

[TestClass]
public sealed class ConicSolverTests
{
    [TestMethod]
    public void Solve_RandomFeasibleQuadraticPrograms_OptimalityConditionsHold()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 300; trial++)
        {
            ConicProblem problem = ConicProblem.Random(random, quadratic: trial % 3 != 0);
            var solver = problem.NewSolver();
            SolverStatus status = problem.Solve(solver);
            Assert.AreEqual(SolverStatus.Solved, status, $"trial {trial} {problem}");
            problem.AssertOptimal(solver, 1e-7, $"trial {trial} {problem} after {solver.Iterations}");
            Assert.IsLessThan(40, solver.Iterations);
        }
    }

    [TestMethod]
    public void Solve_TightTolerance_StillSolved()
    {
        // Near the boundary of a second-order cone s₀ − ‖s₁‖ cancels, so that 1e-10 is what double precision mostly gives there.
        var random = new Random(2);
        int linear = 0, conic = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            ConicProblem problem = ConicProblem.Random(random, quadratic: trial % 4 < 2, cones: trial % 2 == 0);
            double tolerance = problem.Cones.Length == 0 ? 1e-11 : 1e-10;
            bool solved = problem.Solve(problem.NewSolver(), new ConicSettings { Tolerance = tolerance }) == SolverStatus.Solved;
            if (!solved && problem.Cones.Length == 0)
                linear++;
            else if (!solved)
                conic++;
        }

        Assert.IsLessThanOrEqualTo(1, linear);
        Assert.IsLessThanOrEqualTo(4, conic);
    }

    [TestMethod]
    public void Solve_SameProblemTwice_BitwiseEqualAndNothingAllocated()
    {
        var random = new Random(3);
        ConicProblem first = ConicProblem.Random(random, quadratic: true), other = first with { P = first.P.Select(v => -v).ToArray() };
        var solver = first.NewSolver();
        first.Solve(solver);
        double[] z = solver.Z.ToArray();
        other.Solve(solver);
        long before = GC.GetAllocatedBytesForCurrentThread();
        first.Solve(solver);
        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        CollectionAssert.AreEqual(z, solver.Z.ToArray());
    }

    [TestMethod]
    public void Solve_ProjectionOnBall_ClosedForm()
    {
        var random = new Random(4);
        foreach (double scale in new[] { 1e-6, 1e-3, 1, 1e3, 1e6 })
        {
            double[] y = Normal(random, 5), centre = Normal(random, 5);
            for (int i = 0; i < 5; i++)
                (y[i], centre[i]) = (scale * 3 * y[i], scale * centre[i]);
            double radius = 0.5 * scale, distance = Math.Sqrt(y.Zip(centre, (u, v) => (u - v) * (u - v)).Sum());
            double[] expected = y.Select((u, i) => distance <= radius ? u : centre[i] + radius / distance * (u - centre[i])).ToArray();

            // s = (r, z − c)
            var problem = new ConicProblem(5, 0, [6]) { Q = Identity(5), P = y.Select(v => -v).ToArray() };
            problem.H[0] = radius;
            for (int i = 0; i < 5; i++)
                (problem.G[(i + 1) * 5 + i], problem.H[i + 1]) = (-1, -centre[i]);
            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver, new ConicSettings { Tolerance = 1e-12 }));
            for (int i = 0; i < 5; i++)
                Assert.AreEqual(expected[i], solver.Z[i], 1e-9 * scale);
        }
    }

    [TestMethod]
    public void Solve_ProjectionOnSecondOrderCone_ClosedForm()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 50; trial++)
        {
            double[] y = Normal(random, 4);
            double norm = Math.Sqrt(y.Skip(1).Sum(v => v * v));
            double[] expected = norm <= y[0] ? y : norm <= -y[0] ? new double[4]
                : y.Select((v, i) => 0.5 * (norm + y[0]) * (i == 0 ? 1 : v / norm)).ToArray();
            var problem = new ConicProblem(4, 0, [4]) { Q = Identity(4), P = y.Select(v => -v).ToArray() };
            for (int i = 0; i < 4; i++)
                problem.G[i * 4 + i] = -1;
            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
            for (int i = 0; i < 4; i++)
                Assert.AreEqual(expected[i], solver.Z[i], 1e-6);
        }
    }

    [TestMethod]
    public void Solve_ProjectionOnSimplex_SortedThreshold()
    {
        var random = new Random(6);
        for (int trial = 0; trial < 50; trial++)
        {
            int n = 1 + random.Next(30);
            double[] y = Normal(random, n), sorted = y.OrderByDescending(v => v).ToArray();
            double sum = 0, threshold = 0;
            for (int i = 0; i < n; i++)
            {
                sum += sorted[i];
                if (sorted[i] > (sum - 1) / (i + 1))
                    threshold = (sum - 1) / (i + 1);
            }

            var problem = new ConicProblem(n, n, [], 1) { Q = Identity(n), P = y.Select(v => -v).ToArray() };
            Array.Fill(problem.A, 1);
            problem.B[0] = 1;
            for (int i = 0; i < n; i++)
                problem.G[i * n + i] = -1;
            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver, new ConicSettings { Tolerance = 1e-12 }));
            for (int i = 0; i < n; i++)
                Assert.AreEqual(Math.Max(0, y[i] - threshold), solver.Z[i], 1e-8);
        }
    }

    [TestMethod]
    public void Solve_LinearProgramWithKnownVertex_Found()
    {
        // maximise 3x + 5y: x <= 4, 2y <= 12, 3x + 2y <= 18, x, y >= 0 has the vertex (2, 6).
        var problem = new ConicProblem(2, 5, [])
        {
            P = [-3, -5],
            G = [1, 0, 0, 2, 3, 2, -1, 0, 0, -1],
            H = [4, 12, 18, 0, 0],
        };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        Assert.AreEqual(2, solver.Z[0], 1e-7);
        Assert.AreEqual(6, solver.Z[1], 1e-7);
        Assert.AreEqual(-36, solver.Objective, 1e-7);
        Assert.AreEqual(1.5, solver.Lambda[1], 1e-7);
        Assert.AreEqual(1, solver.Lambda[2], 1e-7);
    }

    [TestMethod]
    public void Solve_DegenerateAssignmentPolytope_Optimal()
    {
        // Doubly stochastic matrices: 2k dependent equalities, every vertex degenerate; brute force over the permutations.
        var random = new Random(7);
        const int K = 4;
        double[] cost = Normal(random, K * K);
        double best = Permutations(K).Min(order => Enumerable.Range(0, K).Sum(i => cost[i * K + order[i]]));
        var problem = new ConicProblem(K * K, K * K, [], 2 * K + 2) { P = cost };
        for (int i = 0; i < K; i++)
        {
            for (int j = 0; j < K; j++)
            {
                problem.A[i * K * K + i * K + j] = 1;
                problem.A[(K + j) * K * K + i * K + j] = 1;
                problem.A[2 * K * K * K + i * K + j] = 1; // the sum of all: repeats the others; the last row stays zero
            }
        }

        problem.B.AsSpan(0, 2 * K).Fill(1);
        problem.B[2 * K] = K;
        for (int i = 0; i < K * K; i++)
            problem.G[i * K * K + i] = -1;
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        Assert.AreEqual(best, solver.Objective, 1e-7);
        problem.AssertOptimal(solver, 1e-7, "assignment");
    }

    [TestMethod]
    public void Solve_LinearProgramWithManyOptima_OptimalityConditionsHold()
    {
        // minimise x + y over x + y >= 1, repeated, and the box: a whole edge is optimal.
        var problem = new ConicProblem(2, 6, [])
        {
            P = [1, 1],
            G = [-1, -1, -1, -1, 1, 0, 0, 1, -1, 0, 0, -1],
            H = [-1, -1, 1, 1, 0, 0],
        };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        Assert.AreEqual(1, solver.Objective, 1e-8);
        problem.AssertOptimal(solver, 1e-8, "edge");
    }

    [TestMethod]
    public void Solve_NoInteriorLinearProgram_Solved()
    {
        // x + y <= 1, -x - y <= -1 leaves a segment without interior.
        var problem = new ConicProblem(2, 4, [])
        {
            P = [1, 2],
            G = [1, 1, -1, -1, -1, 0, 0, -1],
            H = [1, -1, 0, 0],
        };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        Assert.AreEqual(1, solver.Z[0], 1e-6);
        Assert.AreEqual(0, solver.Z[1], 1e-6);
    }

    [TestMethod]
    public void Solve_ScaledProblems_SameAnswerInTheirUnits()
    {
        var random = new Random(8);
        ConicProblem problem = ConicProblem.Random(random, quadratic: true);
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        double[] z = solver.Z.ToArray();
        foreach (double unit in new[] { 1e-6, 1e-3, 1e3, 1e6 })
        {
            foreach (double price in new[] { 1e-6, 1, 1e6 })
            {
                ConicProblem scaled = problem with
                {
                    Q = problem.Q.Select(v => v * price).ToArray(),
                    P = problem.P.Select(v => v * price * unit).ToArray(),
                    B = problem.B.Select(v => v * unit).ToArray(),
                    H = problem.H.Select(v => v * unit).ToArray(),
                };
                Assert.AreEqual(SolverStatus.Solved, scaled.Solve(solver));
                for (int i = 0; i < z.Length; i++)
                    Assert.AreEqual(z[i], solver.Z[i] / unit, 1e-5 * Math.Max(1, Math.Abs(z[i])));
            }
        }
    }

    [TestMethod]
    public void Solve_UnevenRowsAndColumns_OptimalityConditionsHold()
    {
        var random = new Random(9);
        for (int trial = 0; trial < 50; trial++)
        {
            ConicProblem problem = ConicProblem.Random(random, quadratic: trial % 2 == 0, cones: false);
            for (int i = 0; i < problem.M; i++)
            {
                double factor = Math.Pow(10, 12 * random.NextDouble() - 6);
                problem.H[i] *= factor;
                for (int j = 0; j < problem.N; j++)
                    problem.G[i * problem.N + j] *= factor;
            }

            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver), $"trial {trial}");
            for (int i = 0; i < problem.M; i++)
            {
                double size = Math.Max(1e-300, problem.G.AsSpan(i * problem.N, problem.N).ToArray().Max(Math.Abs));
                Assert.IsGreaterThan(-1e-7 * Math.Max(1, solver.Z.ToArray().Max(Math.Abs)), solver.S[i] / size);
            }
        }
    }

    [TestMethod]
    public void Solve_NoConstraints_MinimumOfTheParabola()
    {
        var problem = new ConicProblem(2, 0, []) { Q = [2, 0, 0, 4], P = [-2, 8] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        Assert.AreEqual(1, solver.Z[0], 1e-8);
        Assert.AreEqual(-2, solver.Z[1], 1e-8);
    }

    [TestMethod]
    public void Solve_ZeroRows_Harmless()
    {
        var problem = new ConicProblem(1, 3, [1, 2], 1) { Q = [1], P = [-3], G = [1, 0, -1, 0, 0, 0], H = [2, 0, 5, 0, 0, 0] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.Solved, problem.Solve(solver));
        Assert.AreEqual(2, solver.Z[0], 1e-6);
    }

    [TestMethod]
    public void Solve_NotANumber_InvalidInput()
    {
        var problem = new ConicProblem(1, 1, []) { Q = [1], P = [double.NaN], G = [1], H = [1] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.InvalidInput, problem.Solve(solver));
        Assert.IsTrue(double.IsNaN(solver.Z[0]));
        Assert.AreEqual(SolverStatus.InvalidInput, (problem with { P = [1], G = [double.PositiveInfinity] }).Solve(solver));
        Assert.AreEqual(SolverStatus.Solved, (problem with { P = [1] }).Solve(solver));
    }

    [TestMethod]
    public void Solve_IterationLimit_SaysSo()
    {
        ConicProblem problem = ConicProblem.Random(new Random(10), quadratic: true);
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.IterationLimit, problem.Solve(solver, new ConicSettings { IterationLimit = 2 }));
        Assert.AreEqual(2, solver.Iterations);
        Assert.IsTrue(solver.Z.ToArray().All(double.IsFinite));
    }

    [TestMethod]
    public void Solve_WrongLength_NamesTheArgument()
    {
        var solver = new ConicSolver(2, 0, 1, []);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => solver.Solve([], [1, 2], [], [], [1, 2, 3], [1]));
        Assert.Contains("'g' has 3 elements; this solver's dimensions ask for 2", error.Message);
        Assert.ThrowsExactly<InvalidOperationException>(() => solver.Solve([1, 2], [], [1]));
        Assert.Throws<ArgumentException>(() => new ConicSolver(0, 0, 0, []));
    }

    private static double[] Normal(Random random, int count) => ConicProblem.Normal(random, count);

    private static double[] Identity(int n) => Enumerable.Range(0, n * n).Select(i => i % (n + 1) == 0 ? 1.0 : 0.0).ToArray();

    private static System.Collections.Generic.IEnumerable<int[]> Permutations(int n)
    {
        if (n == 0)
            return [[]];
        return Permutations(n - 1).SelectMany(order => Enumerable.Range(0, n).Select(at =>
            order.Take(at).Append(n - 1).Concat(order.Skip(at)).ToArray()));
    }
}
