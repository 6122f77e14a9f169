using System;
using System.Linq;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

[TestClass]
public sealed class ConicInfeasibilityTests
{
    [TestMethod]
    public void Solve_RandomInfeasible_CertificateVerified()
    {
        var random = new Random(21);
        for (int trial = 0; trial < 300; trial++)
        {
            // Gᵀλ₀ + Aᵀν₀ = 0 by the first row of G, whose multiplier is positive; h then makes hᵀλ₀ + bᵀν₀ = −1.
            ConicProblem problem = ConicProblem.Random(random, quadratic: trial % 2 == 0, cones: trial % 3 != 0);
            double[] lambda = problem.Interior(random), nu = ConicProblem.Normal(random, problem.E), g = [.. problem.G], h = [.. problem.H];
            for (int j = 0; j < problem.N; j++)
            {
                double sum = 0;
                for (int i = 1; i < problem.M; i++)
                    sum += g[i * problem.N + j] * lambda[i];
                for (int i = 0; i < problem.E; i++)
                    sum += problem.A[i * problem.N + j] * nu[i];
                g[j] = -sum / lambda[0];
            }

            double value = problem.B.Zip(nu, (u, v) => u * v).Sum() + h.Zip(lambda, (u, v) => u * v).Sum();
            h[0] -= (value + 1) / lambda[0];

            // A cost that stays bounded, so that infeasibility is the only answer.
            double[] other = problem.Interior(random), p = new double[problem.N];
            for (int j = 0; j < problem.N; j++)
            {
                for (int i = 0; i < problem.M; i++)
                    p[j] -= g[i * problem.N + j] * other[i];
            }

            problem = problem with { P = p, G = g, H = h };
            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.PrimalInfeasible, problem.Solve(solver), $"trial {trial} {problem} after {solver.Iterations}");
            AssertPrimalCertificate(problem, solver, 1e-6);
        }
    }

    [TestMethod]
    public void Solve_RandomUnbounded_CertificateVerified()
    {
        var random = new Random(22);
        for (int trial = 0; trial < 300; trial++)
        {
            // A direction d with Ad = 0, −Gd inside the cone, Qd = 0 and pᵀd = −1: rows are corrected along d.
            ConicProblem problem = ConicProblem.Random(random, quadratic: false, cones: trial % 3 != 0);
            int n = problem.N;
            double[] d = ConicProblem.Normal(random, n), inside = problem.Interior(random), a = [.. problem.A], g = [.. problem.G];
            double square = d.Sum(v => v * v);
            for (int i = 0; i < problem.E; i++)
                Correct(a, i, 0);
            for (int i = 0; i < problem.M; i++)
                Correct(g, i, -inside[i]);
            double[] p = ConicProblem.Normal(random, n), z0 = ConicProblem.Normal(random, n), q = [];
            Correct(p, 0, -1);
            if (trial % 2 == 0)
            {
                double[] root = ConicProblem.Normal(random, n);
                Correct(root, 0, 0);
                q = new double[n * n];
                for (int i = 0; i < n * n; i++)
                    q[i] = root[i / n] * root[i % n];
            }

            double[] s = problem.Interior(random);
            problem = problem with
            {
                A = a, G = g, P = p, Q = q, B = ConicProblem.Product(a, z0, problem.E),
                H = ConicProblem.Product(g, z0, problem.M).Zip(s, (u, v) => u + v).ToArray(),
            };
            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.DualInfeasible, problem.Solve(solver), $"trial {trial} {problem} after {solver.Iterations}");
            AssertDualCertificate(problem, solver, 1e-6);

            void Correct(double[] rows, int row, double wanted)
            {
                double product = 0;
                for (int j = 0; j < n; j++)
                    product += rows[row * n + j] * d[j];
                for (int j = 0; j < n; j++)
                    rows[row * n + j] += (wanted - product) * d[j] / square;
            }
        }
    }

    [TestMethod]
    public void Solve_InconsistentEqualities_PrimalInfeasible()
    {
        var problem = new ConicProblem(2, 0, [], 2) { Q = [1, 0, 0, 1], A = [1, 1, 2, 2], B = [1, 3] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.PrimalInfeasible, problem.Solve(solver));
        AssertPrimalCertificate(problem, solver, 1e-8);
    }

    [TestMethod]
    public void Solve_ZeroRowWithNegativeBound_PrimalInfeasible()
    {
        var problem = new ConicProblem(1, 2, []) { Q = [1], G = [0, 1], H = [-1, 1] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.PrimalInfeasible, problem.Solve(solver));
        Assert.AreEqual(1, solver.Lambda[0], 1e-6);
    }

    [TestMethod]
    public void Solve_NegativeRadius_PrimalInfeasible()
    {
        var problem = new ConicProblem(2, 0, [3]) { Q = [1, 0, 0, 1], G = [0, 0, -1, 0, 0, -1], H = [-0.1, 0, 0] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.PrimalInfeasible, problem.Solve(solver));
        AssertPrimalCertificate(problem, solver, 1e-6);
    }

    [TestMethod]
    public void Solve_SmallGap_StillPrimalInfeasible()
    {
        // x <= 1 and x >= 1 + 1e-4, in three units.
        foreach (double unit in new[] { 1e-6, 1, 1e6 })
        {
            var problem = new ConicProblem(1, 2, []) { P = [1], G = [1, -1], H = [unit, -1.0001 * unit] };
            var solver = problem.NewSolver();
            Assert.AreEqual(SolverStatus.PrimalInfeasible, problem.Solve(solver));
            AssertPrimalCertificate(problem, solver, 1e-6);
        }
    }

    [TestMethod]
    public void Solve_LinearCostWithoutConstraints_DualInfeasible()
    {
        var problem = new ConicProblem(2, 0, []) { P = [0, -2] };
        var solver = problem.NewSolver();
        Assert.AreEqual(SolverStatus.DualInfeasible, problem.Solve(solver));
        AssertDualCertificate(problem, solver, 1e-8);
    }

    private static void AssertPrimalCertificate(ConicProblem problem, ConicSolver solver, double tolerance)
    {
        double[] lambda = solver.Lambda.ToArray(), nu = solver.Nu.ToArray();
        double size = lambda.Concat(nu).Max(Math.Abs);
        Assert.IsLessThanOrEqualTo(tolerance * size, problem.Outside(lambda));
        double value = problem.B.Zip(nu, (u, v) => u * v).Sum() + problem.H.Zip(lambda, (u, v) => u * v).Sum();
        Assert.AreEqual(-1, value, 1e-6);
        for (int j = 0; j < problem.N; j++)
        {
            double sum = 0;
            for (int i = 0; i < problem.M; i++)
                sum += problem.G[i * problem.N + j] * lambda[i];
            for (int i = 0; i < problem.E; i++)
                sum += problem.A[i * problem.N + j] * nu[i];
            Assert.AreEqual(0, sum, tolerance * size);
        }
    }

    private static void AssertDualCertificate(ConicProblem problem, ConicSolver solver, double tolerance)
    {
        double[] d = solver.Z.ToArray();
        double size = d.Max(Math.Abs);
        Assert.AreEqual(-1, problem.P.Zip(d, (u, v) => u * v).Sum(), 1e-6);
        double[] s = ConicProblem.Product(problem.G, d, problem.M).Select(v => -v).ToArray();
        Assert.IsLessThanOrEqualTo(tolerance * size, problem.Outside(s));
        foreach (double value in ConicProblem.Product(problem.A, d, problem.E))
            Assert.AreEqual(0, value, tolerance * size);
        if (problem.Q.Length != 0)
        {
            foreach (double value in ConicProblem.Product(problem.Q, d, problem.N))
                Assert.AreEqual(0, value, tolerance * size);
        }
    }
}
