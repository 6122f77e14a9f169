using System;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

[TestClass]
public class QuadraticProgramSolverTests
{
    [TestMethod]
    [DataRow(1, 1, 0, 8)]
    [DataRow(1, 3, 0, 8)]
    [DataRow(2, 1, 1, 8)]
    [DataRow(3, 8, 1, 9)]
    [DataRow(5, 0, 2, 7)]
    [DataRow(6, 0, 0, 5)]
    [DataRow(10, 10, 0, 33)]
    [DataRow(12, 30, 4, 17)]
    [DataRow(20, 60, 5, 9)]
    [DataRow(50, 50, 0, 4)]
    [DataRow(60, 30, 20, 4)]
    [DataRow(100, 100, 0, 3)]
    [DataRow(100, 200, 20, 3)]
    public void Solve_RandomFeasible_OptimalityConditionsHold(int n, int m, int p, int count)
    {
        var random = new Random((n * 1000) + m + p);
        QpProblem[] problems = Make(count, _ => QpProblem.Random(random, n, m, p));
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problems));
        for (int i = 0; i < count; i++)
            AssertOptimal(problems[i], solution, i, 1e-8);
    }

    [TestMethod]
    [DataRow(10, 10, 0, 5)]
    [DataRow(10, 25, 3, 5)]
    [DataRow(30, 40, 0, 15)]
    [DataRow(8, 12, 2, 0)]
    public void Solve_SingularQ_OptimalityConditionsHold(int n, int m, int p, int rank)
    {
        // A box keeps the problem bounded.
        var random = new Random(n + m);
        QpProblem[] problems = Make(9, _ => WithBox(QpProblem.Random(random, n, m, p, shift: 0, rank), 10));
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problems));
        for (int i = 0; i < problems.Length; i++)
            AssertOptimal(problems[i], solution, i, 1e-7);
    }

    [TestMethod]
    public void Solve_SmallProblem_AgreesWithEnumerationOfActiveSets()
    {
        var random = new Random(5);
        QpProblem[] problems = Make(20, _ => QpProblem.Random(random, 4, 7, 1));
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problems));
        for (int i = 0; i < problems.Length; i++)
        {
            double[] z = Enumerate(problems[i]);
            for (int j = 0; j < 4; j++)
                Assert.AreEqual(z[j], solution.Z.Span[(i * 4) + j], 1e-7 * Math.Max(1, Math.Abs(z[j])));
        }
    }

    [TestMethod]
    [DataRow(10, 10, 0)]
    [DataRow(30, 45, 0)]
    public void Solve_RandomFeasible_AgreesWithCoordinateDescentOnTheDual(int n, int m, int p)
    {
        var random = new Random(8);
        QpProblem problem = QpProblem.Random(random, n, m, p, shift: 1);
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problem));
        double[] z = Hildreth(problem);
        for (int j = 0; j < n; j++)
            Assert.AreEqual(z[j], solution.Z.Span[j], 1e-7 * Math.Max(1, Math.Abs(z[j])));
    }

    [TestMethod]
    public void Solve_EveryRegisterWidth_GivesTheSameSolution()
    {
        var random = new Random(3);
        foreach ((int n, int m, int p) in new[] { (5, 6, 1), (17, 20, 2), (40, 30, 0), (10, 40, 0) })
        {
            QpProblem[] problems = Make(5, _ => QpProblem.Random(random, n, m, p));
            QuadraticProgramBatch batch = QpProblem.Batch(problems);
            double[] reference = new QuadraticProgramSolver().Solve(batch).Z.ToArray();
            AssertClose(reference, With(batch, ProgramEngine.Create<Lane512, Vector512<double>>));
            AssertClose(reference, With(batch, ProgramEngine.Create<Lane256, Vector256<double>>));
            AssertClose(reference, With(batch, ProgramEngine.Create<Lane128, Vector128<double>>));
            AssertClose(reference, With(batch, ProgramEngine.Create<LaneScalar, double>));
        }

        static double[] With(QuadraticProgramBatch batch, Func<int, int, int, ProgramEngine> create) =>
            new QuadraticProgramSolver(new QuadraticProgramOptions(), create).Solve(batch).Z.ToArray();
    }

    [TestMethod]
    [DataRow(7, 9, 1)]
    [DataRow(30, 30, 2)]
    public void Solve_AnyBatchAndThreads_GivesTheSameBits(int n, int m, int p)
    {
        var random = new Random(n);
        QpProblem[] problems = Make(37, i => QpProblem.Random(random, n, m, p));
        problems[5].P[0] = double.NaN;
        problems[6] = Contradictory(problems[6]);
        QuadraticProgramSolution all = new QuadraticProgramSolver(new() { Threads = 1 }).Solve(QpProblem.Batch(problems));
        QuadraticProgramSolution threaded = new QuadraticProgramSolver(new() { Threads = 5 }).Solve(QpProblem.Batch(problems));
        CollectionAssert.AreEqual(all.Z.ToArray(), threaded.Z.ToArray());
        CollectionAssert.AreEqual(all.Lambda.ToArray(), threaded.Lambda.ToArray());
        var solver = new QuadraticProgramSolver();
        for (int i = 0; i < problems.Length; i++)
        {
            QuadraticProgramSolution one = solver.Solve(QpProblem.Batch(problems[i]));
            Assert.AreEqual(all.Status[i], one.Status[0]);
            CollectionAssert.AreEqual(all.Z.Slice(i * n, n).ToArray(), one.Z.ToArray());
            CollectionAssert.AreEqual(all.Lambda.Slice(i * m, m).ToArray(), one.Lambda.ToArray());
            CollectionAssert.AreEqual(all.Nu.Slice(i * p, p).ToArray(), one.Nu.ToArray());
        }
    }

    [TestMethod]
    public void Solve_SharedParameters_EqualsRepeatedOnes()
    {
        var random = new Random(1);
        foreach ((int n, int m, int p) in new[] { (6, 8, 1), (30, 40, 3) })
        {
            QpProblem problem = QpProblem.Random(random, n, m, p);
            QpProblem[] problems = Make(11, _ =>
            {
                QpProblem copy = problem.Clone();
                QpProblem.Fill(random, copy.P);
                return copy;
            });
            QuadraticProgramBatch own = QpProblem.Batch(problems);
            var shared = new QuadraticProgramBatch(11, n, m, p) { Q = problem.Q, P = own.P, G = problem.G, H = problem.H, A = problem.A, B = problem.B };
            Assert.IsTrue(shared.IsShared(QuadraticProgramParameters.G));
            Assert.IsFalse(shared.IsShared(QuadraticProgramParameters.P));
            var solver = new QuadraticProgramSolver();
            CollectionAssert.AreEqual(solver.Solve(own).Z.ToArray(), solver.Solve(shared).Z.ToArray());
        }
    }

    [TestMethod]
    public void Solve_FailuresInsideABatch_LeaveTheOthersAloneAndAreCertified()
    {
        var random = new Random(2);
        QpProblem[] problems = Make(12, _ => QpProblem.Random(random, 6, 8, 2));
        problems[2] = Contradictory(problems[2]);
        problems[3].H[4] = double.PositiveInfinity;
        problems[5].Q[7] = double.NaN;
        problems[7] = Unbounded(problems[7]);
        problems[8] = ContradictoryEqualities(problems[8]);
        problems[10].Q[0] = -50;
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problems));
        foreach (int good in new[] { 0, 1, 4, 6, 9, 11 })
            AssertOptimal(problems[good], solution, good, 1e-8);
        Assert.AreEqual(SolverStatus.InvalidInput, solution.Status[3]);
        Assert.AreEqual(SolverStatus.InvalidInput, solution.Status[5]);
        Assert.AreEqual(SolverStatus.InvalidInput, solution.Status[10]);
        Assert.AreEqual(SolverStatus.DualInfeasible, solution.Status[7]);
        AssertPrimalCertificate(problems[2], solution, 2);
        AssertPrimalCertificate(problems[8], solution, 8);
        AssertDualCertificate(problems[7], solution, 7);
        Assert.IsNull(solution.GetCertificate(0));
    }

    [TestMethod]
    [DataRow(4, 20)]
    [DataRow(25, 60)]
    public void Solve_InfeasibleWithMoreRowsThanVariables_IsCertified(int n, int m)
    {
        var random = new Random(n);
        QpProblem problem = QpProblem.Random(random, n, m, 0);

        // The last row is minus the sum of the others with a bound just out of reach.
        for (int j = 0; j < n; j++)
        {
            problem.G[((m - 1) * n) + j] = 0;
            for (int i = 0; i < n + 1; i++)
                problem.G[((m - 1) * n) + j] -= problem.G[(i * n) + j];
        }

        problem.H[m - 1] = -0.01;
        for (int i = 0; i < n + 1; i++)
            problem.H[m - 1] -= problem.H[i];
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problem));
        AssertPrimalCertificate(problem, solution, 0);
    }

    [TestMethod]
    public void Solve_DegenerateRows_StillOptimal()
    {
        var random = new Random(4);
        foreach ((int n, int m, int p) in new[] { (5, 9, 3), (20, 30, 6), (40, 30, 5) })
        {
            QpProblem problem = QpProblem.Random(random, n, m, p);
            for (int j = 0; j < n; j++)
            {
                // A repeated inequality, a zero one, a repeated and a zero equality.
                problem.G[(1 * n) + j] = problem.G[j];
                problem.G[(2 * n) + j] = 0;
                problem.A[(1 * n) + j] = -2 * problem.A[j];
                problem.A[(2 * n) + j] = 0;
            }

            problem.H[1] = problem.H[0];
            problem.H[2] = 0;
            problem.B[1] = -2 * problem.B[0];
            problem.B[2] = 0;
            QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problem, problem));
            AssertOptimal(problem, solution, 0, 1e-8);
        }
    }

    [TestMethod]
    public void Solve_VertexWithMoreActiveRowsThanVariables_IsFound()
    {
        // Ten rows through the corner (1, 1), which is the solution: far more than two can be active.
        var problem = new QpProblem(2, 10, 0) { Q = [1, 0, 0, 1], P = [-9, -9] };
        for (int i = 0; i < 10; i++)
        {
            problem.G[2 * i] = 1 + i;
            problem.G[(2 * i) + 1] = 10 - i;
            problem.H[i] = 11;
        }

        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problem));
        AssertOptimal(problem, solution, 0, 1e-8);
        Assert.AreEqual(1, solution.Z.Span[0], 1e-9);
        Assert.AreEqual(1, solution.Z.Span[1], 1e-9);
    }

    [TestMethod]
    [DataRow(1e-6)]
    [DataRow(1e6)]
    public void Solve_HugeAndTinyScales_AreSolved(double scale)
    {
        var random = new Random(6);
        QpProblem problem = QpProblem.Random(random, 8, 10, 2, shift: 1), scaled = problem.Clone();
        for (int i = 0; i < 8; i++)
            scaled.P[i] *= scale;
        for (int i = 0; i < 10; i++)
            scaled.H[i] *= scale;
        for (int i = 0; i < 2; i++)
            scaled.B[i] *= scale;
        var solver = new QuadraticProgramSolver();
        QuadraticProgramSolution one = solver.Solve(QpProblem.Batch(problem)), two = solver.Solve(QpProblem.Batch(scaled));
        Assert.AreEqual(SolverStatus.Solved, two.Status[0]);
        for (int i = 0; i < 8; i++)
            Assert.AreEqual(one.Z.Span[i], two.Z.Span[i] / scale, 1e-6);
    }

    [TestMethod]
    public void Solve_EmptyBatch_GivesEmptySolution()
    {
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(new QuadraticProgramBatch(0, 3, 2, 1));
        Assert.AreEqual(0, solution.Z.Length);
        Assert.AreEqual(0, solution.Status.Length);
    }

    [TestMethod]
    public void Solve_WarmStart_GivesTheSameSolutionInFewerIterations()
    {
        var random = new Random(9);
        QpProblem[] problems = Make(8, _ => QpProblem.Random(random, 40, 40, 0));
        var solver = new QuadraticProgramSolver();
        QuadraticProgramSolution cold = solver.Solve(QpProblem.Batch(problems));
        var warm = new QuadraticProgramSolution();
        solver.Solve(QpProblem.Batch(problems), warm, cold);
        for (int i = 0; i < problems.Length; i++)
        {
            AssertOptimal(problems[i], warm, i, 1e-8);
            Assert.AreEqual(1, warm.Iterations[i]);
            Assert.IsGreaterThan(2, cold.Iterations[i]);
        }
    }

    [TestMethod]
    public void Solve_NoFeasiblePoint_ClosestIsTheLeastViolation()
    {
        // x ≤ 0 and x ≥ 2: the middle is closest; y is free of it and minimises (y − 3)².
        var problem = new QpProblem(2, 2, 0) { Q = [1, 0, 0, 1], P = [5, -3], G = [1, 0, -1, 0], H = [0, -2] };
        QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problem));
        AssertPrimalCertificate(problem, solution, 0);
        Assert.AreEqual(1, solution.Z.Span[0], 1e-7);
        Assert.AreEqual(3, solution.Z.Span[1], 1e-7);
        Assert.AreEqual(1, solution.GetCertificate(0)!.InequalityViolation.Span[1], 1e-7);
        QuadraticProgramSolution missing = new QuadraticProgramSolver(new() { Policy = RowPolicy.Missing }).Solve(QpProblem.Batch(problem));
        Assert.IsTrue(double.IsNaN(missing.Z.Span[0]));
        var throwing = new QuadraticProgramSolver(new() { Policy = RowPolicy.Throw });
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => throwing.Solve(QpProblem.Batch(problem))).Message, "Problem 0");
    }

    [TestMethod]
    [DataRow(3, 5, 1)]
    [DataRow(6, 9, 0)]
    public void Solve_NoFeasiblePoint_ClosestIsStationaryInTheScaledViolations(int n, int m, int p)
    {
        // The violations, each divided twice by the length of its row, must weigh the rows to zero: that is the gradient of half
        // their sum of squares.
        var random = new Random(n);
        for (int trial = 0; trial < 20; trial++)
        {
            QpProblem problem = Contradictory(QpProblem.Random(random, n, m, p));
            QuadraticProgramSolution solution = new QuadraticProgramSolver().Solve(QpProblem.Batch(problem));
            Assert.AreEqual(SolverStatus.PrimalInfeasible, solution.Status[0]);
            double[] gradient = new double[n];
            double violation = 0;
            for (int i = 0; i < p + m; i++)
            {
                double[] matrix = i < p ? problem.A : problem.G;
                int offset = (i < p ? i : i - p) * n;
                double value = QpProblem.Dot(matrix, offset, solution.Z.Span) - (i < p ? problem.B[i] : problem.H[i - p]);
                double square = QpProblem.Dot(matrix, offset, matrix.AsSpan(offset, n));
                value = i < p ? value : Math.Max(value, 0);
                violation += value * value / square;
                for (int j = 0; j < n; j++)
                    gradient[j] += value / square * matrix[offset + j];
            }

            Assert.IsGreaterThan(1e-4, violation);
            foreach (double value in gradient)
                Assert.AreEqual(0, value, 1e-6);
        }
    }

    [TestMethod]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new QuadraticProgramSolver(new() { Tolerance = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new QuadraticProgramSolver(new() { Threads = -1 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new QuadraticProgramSolver(new() { IterationLimit = 0 }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new QuadraticProgramSolver(new() { Policy = RowPolicy.KeepInput }));
    }

    [TestMethod]
    public void Batch_WrongLength_NamesTheParameterAndWhatWasExpected()
    {
        var batch = new QuadraticProgramBatch(3, 2, 1, 0);
        string message = Assert.ThrowsExactly<ArgumentException>(() => batch.P = new double[5]).Message;
        StringAssert.Contains(message, "'P' has 5 elements; expected 2");
        StringAssert.Contains(message, "6");
        Assert.ThrowsExactly<ArgumentException>(() => new QuadraticProgramSolver().Solve(batch));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new QuadraticProgramBatch(1, 0, 0, 0));
    }

    internal static QpProblem[] Make(int count, Func<int, QpProblem> make)
    {
        var problems = new QpProblem[count];
        for (int i = 0; i < count; i++)
            problems[i] = make(i);
        return problems;
    }

    internal static void AssertOptimal(QpProblem problem, QuadraticProgramSolution solution, int i, double tolerance)
    {
        Assert.AreEqual(SolverStatus.Solved, solution.Status[i], $"problem {i}");
        ReadOnlySpan<double> z = solution.Z.Span.Slice(i * problem.N, problem.N);
        double error = problem.KktError(z, solution.Lambda.Span.Slice(i * problem.M, problem.M), solution.Nu.Span.Slice(i * problem.E, problem.E));
        Assert.IsLessThanOrEqualTo(tolerance, error, $"problem {i}");
        Assert.IsFalse(double.IsNaN(error));
        double objective = problem.Objective(z);
        Assert.AreEqual(objective, solution.Objective[i], 1e-8 * Math.Max(1, Math.Abs(objective)));
    }

    internal static void AssertPrimalCertificate(QpProblem problem, QuadraticProgramSolution solution, int i)
    {
        Assert.AreEqual(SolverStatus.PrimalInfeasible, solution.Status[i], $"problem {i}");
        QuadraticProgramCertificate certificate = solution.GetCertificate(i)!;
        ReadOnlySpan<double> lambda = certificate.Lambda.Span, nu = certificate.Nu.Span;
        double value = 0;
        for (int k = 0; k < problem.M; k++)
        {
            Assert.IsGreaterThanOrEqualTo(0, lambda[k]);
            value += problem.H[k] * lambda[k];
        }

        for (int k = 0; k < problem.E; k++)
            value += problem.B[k] * nu[k];
        Assert.AreEqual(-1, value, 1e-6);
        for (int j = 0; j < problem.N; j++)
        {
            double sum = 0, terms = 1;
            for (int k = 0; k < problem.M; k++)
            {
                sum += problem.G[(k * problem.N) + j] * lambda[k];
                terms = Math.Max(terms, Math.Abs(problem.G[(k * problem.N) + j] * lambda[k]));
            }

            for (int k = 0; k < problem.E; k++)
                sum += problem.A[(k * problem.N) + j] * nu[k];
            Assert.AreEqual(0, sum, 1e-7 * terms);
        }
    }

    internal static void AssertDualCertificate(QpProblem problem, QuadraticProgramSolution solution, int i)
    {
        ReadOnlySpan<double> d = solution.GetCertificate(i)!.Direction.Span;
        double value = 0;
        for (int j = 0; j < problem.N; j++)
        {
            Assert.AreEqual(0, QpProblem.Dot(problem.Q, j * problem.N, d), 1e-6);
            value += problem.P[j] * d[j];
        }

        Assert.AreEqual(-1, value, 1e-6);
        for (int k = 0; k < problem.M; k++)
            Assert.IsLessThanOrEqualTo(1e-6, QpProblem.Dot(problem.G, k * problem.N, d));
        for (int k = 0; k < problem.E; k++)
            Assert.AreEqual(0, QpProblem.Dot(problem.A, k * problem.N, d), 1e-6);
    }

    private static QpProblem Contradictory(QpProblem problem)
    {
        QpProblem copy = problem.Clone();
        for (int j = 0; j < copy.N; j++)
            copy.G[copy.N + j] = -copy.G[j];
        copy.H[1] = -copy.H[0] - 0.5;
        return copy;
    }

    private static QpProblem ContradictoryEqualities(QpProblem problem)
    {
        QpProblem copy = problem.Clone();
        for (int j = 0; j < copy.N; j++)
            copy.A[copy.N + j] = 2 * copy.A[j];
        copy.B[1] = (2 * copy.B[0]) + 0.1;
        return copy;
    }

    /// <summary>Frees the first variable from everything but a linear cost.</summary>
    private static QpProblem Unbounded(QpProblem problem)
    {
        QpProblem copy = problem.Clone();
        for (int j = 0; j < copy.N; j++)
            copy.Q[j] = copy.Q[j * copy.N] = 0;
        for (int i = 0; i < copy.M; i++)
            copy.G[i * copy.N] = -1;
        for (int i = 0; i < copy.E; i++)
            copy.A[i * copy.N] = 0;
        copy.P[0] = -1;
        return copy;
    }

    private static QpProblem WithBox(QpProblem problem, double radius)
    {
        int n = problem.N, m = problem.M;
        var boxed = new QpProblem(n, m + (2 * n), problem.E) { Q = problem.Q, P = problem.P, A = problem.A, B = problem.B };
        problem.G.CopyTo(boxed.G, 0);
        problem.H.CopyTo(boxed.H, 0);
        for (int j = 0; j < n; j++)
        {
            boxed.G[((m + (2 * j)) * n) + j] = 1;
            boxed.G[((m + (2 * j) + 1) * n) + j] = -1;
            boxed.H[m + (2 * j)] = boxed.H[m + (2 * j) + 1] = radius;
        }

        return boxed;
    }

    /// <summary>The best of the points that solve the optimality conditions of some subset of active rows.</summary>
    private static double[] Enumerate(QpProblem problem)
    {
        int n = problem.N, p = problem.E;
        double[]? best = null;
        double least = double.PositiveInfinity;
        for (int subset = 0; subset < 1 << problem.M; subset++)
        {
            int k = p + System.Numerics.BitOperations.PopCount((uint)subset);
            if (k > n)
                continue;
            double[,] matrix = new double[n + k, n + k + 1];
            int row = n;
            for (int i = 0; i < n; i++)
            {
                matrix[i, n + k] = -problem.P[i];
                for (int j = 0; j < n; j++)
                    matrix[i, j] = problem.Q[(i * n) + j];
            }

            for (int i = 0; i < p + problem.M; i++)
            {
                if (i >= p && (subset >> (i - p) & 1) == 0)
                    continue;
                for (int j = 0; j < n; j++)
                    matrix[row, j] = matrix[j, row] = i < p ? problem.A[(i * n) + j] : problem.G[((i - p) * n) + j];
                matrix[row++, n + k] = i < p ? problem.B[i] : problem.H[i - p];
            }

            double[]? z = Eliminate(matrix);
            if (z == null || !Feasible(problem, z))
                continue;
            double value = problem.Objective(z.AsSpan(0, n));
            if (value < least)
                (least, best) = (value, z);
        }

        return best!;
    }

    private static bool Feasible(QpProblem problem, double[] z)
    {
        for (int i = 0; i < problem.M; i++)
        {
            if (QpProblem.Dot(problem.G, i * problem.N, z.AsSpan(0, problem.N)) > problem.H[i] + 1e-9)
                return false;
        }

        return true;
    }

    private static double[]? Eliminate(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        for (int c = 0; c < n; c++)
        {
            int pivot = c;
            for (int i = c + 1; i < n; i++)
                pivot = Math.Abs(matrix[i, c]) > Math.Abs(matrix[pivot, c]) ? i : pivot;
            if (Math.Abs(matrix[pivot, c]) < 1e-10)
                return null;
            for (int j = 0; j <= n; j++)
                (matrix[c, j], matrix[pivot, j]) = (matrix[pivot, j], matrix[c, j]);
            for (int i = 0; i < n; i++)
            {
                double factor = i == c ? 0 : matrix[i, c] / matrix[c, c];
                for (int j = c; j <= n && factor != 0; j++)
                    matrix[i, j] -= factor * matrix[c, j];
            }
        }

        double[] x = new double[n];
        for (int i = 0; i < n; i++)
            x[i] = matrix[i, n] / matrix[i, i];
        return x;
    }

    /// <summary>Hildreth's method: minimises the dual over one multiplier after the other.</summary>
    private static double[] Hildreth(QpProblem problem)
    {
        int n = problem.N, m = problem.M;
        double[][] columns = new double[m + 1][];
        for (int i = 0; i <= m; i++)
        {
            double[,] matrix = new double[n, n + 1];
            for (int r = 0; r < n; r++)
            {
                for (int j = 0; j < n; j++)
                    matrix[r, j] = problem.Q[(r * n) + j];
                matrix[r, n] = i < m ? problem.G[(i * n) + r] : problem.P[r];
            }

            columns[i] = Eliminate(matrix)!;
        }

        double[] lambda = new double[m], z = new double[n];
        for (int j = 0; j < n; j++)
            z[j] = -columns[m][j];
        for (int sweep = 0; sweep < 100000; sweep++)
        {
            double change = 0;
            for (int i = 0; i < m; i++)
            {
                double violation = QpProblem.Dot(problem.G, i * n, z) - problem.H[i];
                double next = Math.Max(0, lambda[i] + (violation / QpProblem.Dot(problem.G, i * n, columns[i])));
                double step = next - lambda[i];
                lambda[i] = next;
                for (int j = 0; j < n && step != 0; j++)
                    z[j] -= step * columns[i][j];
                change = Math.Max(change, Math.Abs(step));
            }

            if (change < 1e-13)
                break;
        }

        return z;
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-8 * Math.Max(1, Math.Abs(expected[i])));
    }
}
