using System;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

/// <summary>
/// Problems with small whole numbers: full of ties, repeated, zero and contradictory rows. Every answer is proved by its optimality
/// conditions or its certificate; the conic interior-point method, which shares no code with the active-set method, agrees on the
/// least objective where it finds one.
/// </summary>
[TestClass]
public class QuadraticProgramFuzzTests
{
    [TestMethod]
    [DataRow(1, 3, 1, 1.0, 60)]
    [DataRow(3, 5, 1, 1.0, 150)]
    [DataRow(4, 12, 2, 1.0, 150)]
    [DataRow(8, 8, 3, 0.5, 80)]
    [DataRow(30, 70, 4, 1.0, 12)]
    [DataRow(40, 95, 10, 1.0, 8)]
    [DataRow(4, 9, 1, 0.0, 150)]
    public void Solve_WholeNumbers_EveryAnswerIsProved(int n, int m, int p, double shift, int count)
    {
        var random = new Random((n * 100) + m);
        QpProblem[] problems = QuadraticProgramSolverTests.Make(count, _ => Whole(random, n, m, p, shift));
        QuadraticProgramBatch batch = QpProblem.Batch(problems);
        var solver = new QuadraticProgramSolver(new() { Policy = RowPolicy.Missing });
        QuadraticProgramSolution solution = solver.Solve(batch);
        var conic = new ConicSolver(n, p, m, []);
        int solved = 0, agreed = 0;
        for (int i = 0; i < count; i++)
        {
            QpProblem problem = problems[i];
            SolverStatus conicStatus = conic.Solve(problem.Q, problem.P, problem.A, problem.B, problem.G, problem.H);
            if (solution.Status[i] == SolverStatus.PrimalInfeasible)
            {
                QuadraticProgramSolverTests.AssertPrimalCertificate(problem, solution, i);
                continue;
            }

            if (solution.Status[i] == SolverStatus.DualInfeasible)
            {
                QuadraticProgramSolverTests.AssertDualCertificate(problem, solution, i);
                continue;
            }

            QuadraticProgramSolverTests.AssertOptimal(problem, solution, i, 1e-7);
            solved++;
            if (conicStatus != SolverStatus.Solved)
                continue;
            Assert.AreEqual(conic.Objective, solution.Objective[i], 1e-6 * Math.Max(1, Math.Abs(conic.Objective)), $"problem {i}");
            agreed++;
        }

        Assert.IsGreaterThan(0, agreed);
        Assert.IsGreaterThan(count / 3, solved);
        AssertGradientsFinite(solver, batch, solution);
    }

    private static void AssertGradientsFinite(QuadraticProgramSolver solver, QuadraticProgramBatch batch, QuadraticProgramSolution solution)
    {
        double[] loss = new double[batch.BatchSize * batch.Variables], dual = new double[batch.BatchSize * batch.Inequalities];
        Array.Fill(loss, 1);
        Array.Fill(dual, 1);
        var gradients = new QuadraticProgramGradients();
        solver.Differentiate(batch, solution, loss, dual, default, gradients);
        foreach (Memory<double> values in new[] { gradients.Q, gradients.P, gradients.G, gradients.H, gradients.A, gradients.B })
        {
            foreach (double value in values.Span)
                Assert.IsTrue(double.IsFinite(value));
        }
    }

    private static QpProblem Whole(Random random, int n, int m, int p, double shift)
    {
        var problem = new QpProblem(n, m, p);
        for (int k = 0; k < (shift > 0 ? n : n / 2); k++)
        {
            double[] l = new double[n];
            for (int j = 0; j < n; j++)
                l[j] = random.Next(-1, 2);
            for (int i = 0; i < n * n; i++)
                problem.Q[i] += l[i / n] * l[i % n];
        }

        for (int i = 0; i < n; i++)
        {
            problem.Q[(i * n) + i] += shift;
            problem.P[i] = random.Next(-3, 4);
        }

        for (int i = 0; i < m * n; i++)
            problem.G[i] = random.Next(-1, 2);
        for (int i = 0; i < p * n; i++)
            problem.A[i] = random.Next(-1, 2);

        // Often a point through which many rows pass, sometimes just out of reach.
        double[] z = new double[n];
        for (int j = 0; j < n; j++)
            z[j] = random.Next(-1, 2);
        for (int i = 0; i < m; i++)
            problem.H[i] = QpProblem.Dot(problem.G, i * n, z) + random.Next(0, 2);
        for (int i = 0; i < p; i++)
            problem.B[i] = QpProblem.Dot(problem.A, i * n, z);
        if (random.Next(4) == 0)
            problem.H[random.Next(m)] -= 1.5;
        return problem;
    }
}
