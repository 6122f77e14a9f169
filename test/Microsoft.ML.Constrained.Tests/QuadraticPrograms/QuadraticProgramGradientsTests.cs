using System;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

[TestClass]
public class QuadraticProgramGradientsTests
{
    [TestMethod]
    [DataRow(1, 1, 0)]
    [DataRow(3, 4, 1)]
    [DataRow(6, 5, 2)]
    [DataRow(9, 14, 0)]
    [DataRow(5, 0, 2)]
    [DataRow(4, 0, 0)]
    [DataRow(26, 20, 3)]
    public void Differentiate_OwnParameters_AgreesWithCentralDifferences(int n, int m, int p)
    {
        var random = new Random(n + m);
        QpProblem[] problems = QuadraticProgramSolverTests.Make(3, _ => QpProblem.Random(random, n, m, p, shift: 0.5));
        Check(QpProblem.Batch(problems), random, samples: 12);
    }

    [TestMethod]
    [DataRow(4, 5, 1)]
    [DataRow(20, 16, 2)]
    public void Differentiate_SharedParameters_AgreesWithCentralDifferences(int n, int m, int p)
    {
        var random = new Random(n);
        QpProblem one = QpProblem.Random(random, n, m, p, shift: 0.5);
        double[] costs = new double[5 * n];
        QpProblem.Fill(random, costs);
        var batch = new QuadraticProgramBatch(5, n, m, p) { Q = one.Q, P = costs, G = one.G, H = one.H, A = one.A, B = one.B };
        Check(batch, random, samples: 12);
        QpProblem[] problems = QuadraticProgramSolverTests.Make(5, _ => QpProblem.Random(random, n, m, p, shift: 0.5));
        QuadraticProgramBatch mixed = QpProblem.Batch(problems);
        mixed.P = one.P;
        mixed.Q = one.Q;
        Check(mixed, random, samples: 12);
    }

    [TestMethod]
    public void Differentiate_SingularQWithUniqueSolution_AgreesWithCentralDifferences()
    {
        // A linear program at a vertex, and a cost of rank one.
        var random = new Random(17);
        QpProblem vertex = QpProblem.Random(random, 3, 3, 0, shift: 0, rank: 0), rank = QpProblem.Random(random, 3, 3, 0, shift: 0, rank: 1);
        for (int j = 0; j < 3; j++)
        {
            vertex.P[j] = rank.P[j] = 0;
            for (int i = 0; i < 3; i++)
            {
                vertex.P[j] -= (1 + i) * vertex.G[(i * 3) + j];
                rank.P[j] -= (3 + i) * rank.G[(i * 3) + j];
            }
        }

        Check(QpProblem.Batch(vertex, rank), random, samples: 9, moveQ: false);
    }

    [TestMethod]
    public void Differentiate_FailedProblems_GiveZerosAndAreCounted()
    {
        var random = new Random(3);
        QpProblem[] problems = QuadraticProgramSolverTests.Make(4, _ => QpProblem.Random(random, 4, 4, 0));
        problems[1].P[0] = double.NaN;
        QuadraticProgramBatch batch = QpProblem.Batch(problems);
        var solver = new QuadraticProgramSolver();
        QuadraticProgramSolution solution = solver.Solve(batch);
        var gradients = new QuadraticProgramGradients();
        double[] loss = new double[16];
        Array.Fill(loss, 1);
        loss[15] = double.NaN;
        solver.Differentiate(batch, solution, loss, default, default, gradients);
        Assert.AreEqual(2, gradients.NotDifferentiated);
        for (int i = 0; i < 64; i++)
        {
            bool failed = i / 16 is 1 or 3;
            Assert.IsTrue(double.IsFinite(gradients.Q.Span[i]));
            Assert.AreEqual(failed, gradients.Q.Span[i] == 0);
        }
    }

    [TestMethod]
    public void Differentiate_WeaklyActiveAndRepeatedRows_IsFinite()
    {
        // x ≥ 0 twice with the unconstrained minimum at x = 0, and an equality twice.
        var problem = new QpProblem(2, 2, 2) { Q = [1, 0, 0, 1], G = [-1, 0, -1, 0], A = [0, 1, 0, 1], B = [1, 1] };
        QuadraticProgramBatch batch = QpProblem.Batch(problem);
        var solver = new QuadraticProgramSolver();
        QuadraticProgramSolution solution = solver.Solve(batch);
        Assert.AreEqual(SolverStatus.Solved, solution.Status[0]);
        var gradients = new QuadraticProgramGradients();
        solver.Differentiate(batch, solution, new double[] { 1, 1 }, new double[] { 1, 2 }, new double[] { 1, -1 }, gradients);
        foreach (Memory<double> values in new[] { gradients.Q, gradients.P, gradients.G, gradients.H, gradients.A, gradients.B })
        {
            foreach (double value in values.Span)
                Assert.IsLessThan(1e3, Math.Abs(value));
        }
    }

    [TestMethod]
    public void Differentiate_AnyThreads_GivesTheSameBits()
    {
        var random = new Random(5);
        QpProblem one = QpProblem.Random(random, 7, 6, 1);
        double[] costs = new double[40 * 7], loss = new double[40 * 7];
        QpProblem.Fill(random, costs);
        QpProblem.Fill(random, loss);
        var batch = new QuadraticProgramBatch(40, 7, 6, 1) { Q = one.Q, P = costs, G = one.G, H = one.H, A = one.A, B = one.B };
        double[][] results = new double[2][];
        for (int t = 0; t < 2; t++)
        {
            var solver = new QuadraticProgramSolver(new() { Threads = 1 + (4 * t) });
            var gradients = new QuadraticProgramGradients();
            solver.Differentiate(batch, solver.Solve(batch), loss, default, default, gradients);
            results[t] = [.. gradients.Q.ToArray(), .. gradients.G.ToArray(), .. gradients.P.ToArray()];
        }

        CollectionAssert.AreEqual(results[0], results[1]);
    }

    [TestMethod]
    public void Differentiate_OnlySomeWanted_LeavesTheOthersAlone()
    {
        var random = new Random(6);
        QuadraticProgramBatch batch = QpProblem.Batch(QpProblem.Random(random, 4, 3, 1));
        var solver = new QuadraticProgramSolver();
        QuadraticProgramSolution solution = solver.Solve(batch);
        var gradients = new QuadraticProgramGradients { Wanted = QuadraticProgramParameters.P | QuadraticProgramParameters.H };
        solver.Differentiate(batch, solution, new double[] { 1, 2, 3, 4 }, default, default, gradients);
        Assert.AreEqual(4, gradients.P.Length);
        Assert.AreEqual(3, gradients.H.Length);
        Assert.AreEqual(0, gradients.Q.Length);
    }

    [TestMethod]
    public void Differentiate_WithoutFactors_SaysWhatToDo()
    {
        QuadraticProgramBatch batch = QpProblem.Batch(QpProblem.Random(new Random(6), 4, 3, 1));
        var solver = new QuadraticProgramSolver(new() { KeepFactors = false });
        QuadraticProgramSolution solution = solver.Solve(batch);
        string message = Assert.ThrowsExactly<InvalidOperationException>(
            () => solver.Differentiate(batch, solution, new double[4], default, default, new())).Message;
        StringAssert.Contains(message, "KeepFactors");
    }

    [TestMethod]
    public void SolveAndDifferentiate_UsedAgain_AllocateNothingThatGrows()
    {
        QuadraticProgramBatch batch = QpProblem.Batch(QuadraticProgramSolverTests.Make(16, i => QpProblem.Random(new Random(i), 10, 10, 1)));
        var solver = new QuadraticProgramSolver(new() { Threads = 1 });
        var solution = new QuadraticProgramSolution();
        var gradients = new QuadraticProgramGradients();
        double[] loss = new double[160];
        Array.Fill(loss, 1);

        // The handful of small objects of a call; one row's vectors alone would be more.
        Assert.IsLessThan(4000, Allocation.OfOneCall(Step));

        void Step()
        {
            solver.Solve(batch, solution);
            solver.Differentiate(batch, solution, loss, default, default, gradients);
        }
    }

    /// <summary>Gradients of Σ cᵀz + dᵀλ + eᵀν with random c, d, e against central differences in random entries of all six.</summary>
    private static void Check(QuadraticProgramBatch batch, Random random, int samples, bool moveQ = true)
    {
        var solver = new QuadraticProgramSolver();
        double[] c = new double[batch.BatchSize * batch.Variables], d = new double[batch.BatchSize * batch.Inequalities];
        double[] e = new double[batch.BatchSize * batch.Equalities];
        QpProblem.Fill(random, c);
        QpProblem.Fill(random, d);
        QpProblem.Fill(random, e);
        QuadraticProgramSolution solution = solver.Solve(batch);
        for (int i = 0; i < batch.BatchSize; i++)
            Assert.AreEqual(SolverStatus.Solved, solution.Status[i]);
        var gradients = new QuadraticProgramGradients();
        solver.Differentiate(batch, solution, c, d, e, gradients);
        Assert.AreEqual(0, gradients.NotDifferentiated);
        int n = batch.Variables;
        if (moveQ)
            Compare("Q", batch.Q, x => batch.Q = x, gradients.Q, k => (k / (n * n) * n * n) + (k % n * n) + (k / n % n));
        Compare("P", batch.P, x => batch.P = x, gradients.P, k => k);
        Compare("G", batch.G, x => batch.G = x, gradients.G, k => k);
        Compare("H", batch.H, x => batch.H = x, gradients.H, k => k);
        Compare("A", batch.A, x => batch.A = x, gradients.A, k => k);
        Compare("B", batch.B, x => batch.B = x, gradients.B, k => k);

        void Compare(string name, ReadOnlyMemory<double> values, Action<ReadOnlyMemory<double>> set, Memory<double> gradient, Func<int, int> mirror)
        {
            Assert.AreEqual(values.Length, gradient.Length);
            double scale = 0;
            foreach (double value in gradient.Span)
                scale = Math.Max(scale, Math.Abs(value));
            for (int s = 0; s < samples && values.Length > 0; s++)
            {
                int k = random.Next(values.Length), other = mirror(k);
                double step = 1e-5, difference = (Loss(k, other, step) - Loss(k, other, -step)) / (2 * step);
                double given = gradient.Span[k] + (other == k ? 0 : gradient.Span[other]);
                Assert.AreEqual(difference, given, 1e-5 * Math.Max(1, scale), $"{name}[{k}]");
            }

            set(values);

            double Loss(int k, int other, double step)
            {
                double[] moved = values.ToArray();
                moved[k] += step;
                if (other != k)
                    moved[other] += step;
                set(moved);
                QuadraticProgramSolution at = solver.Solve(batch);
                return QpProblem.Dot(c, 0, at.Z.Span) + QpProblem.Dot(d, 0, at.Lambda.Span) + QpProblem.Dot(e, 0, at.Nu.Span);
            }
        }
    }
}
