using System;
using System.Linq;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

/// <summary>The data of one conic problem, random ones with a known feasible point, and a check that shares no code with the
/// solver.</summary>
internal sealed record ConicProblem
{
    public ConicProblem(int variables, int orthant, int[] cones, int equalities = 0)
    {
        (N, Orthant, Cones, E) = (variables, orthant, cones, equalities);
        M = orthant + cones.Sum();
        P = new double[N];
        A = new double[E * N];
        B = new double[E];
        G = new double[M * N];
        H = new double[M];
    }

    public int N { get; }

    public int Orthant { get; }

    public int[] Cones { get; }

    public int E { get; }

    public int M { get; }

    public double[] Q { get; init; } = [];

    public double[] P { get; init; }

    public double[] A { get; init; }

    public double[] B { get; init; }

    public double[] G { get; init; }

    public double[] H { get; init; }

    public ConicSolver NewSolver() => new(N, E, Orthant, Cones);

    public SolverStatus Solve(ConicSolver solver, ConicSettings? settings = null) => solver.Solve(Q, P, A, B, G, H, settings);

    /// <summary>Primal and dual strictly feasible: h = G z₀ + s₀ and p = −Q z₀ − Gᵀλ₀ − Aᵀν₀ with s₀, λ₀ inside the cone.</summary>
    public static ConicProblem Random(Random random, bool quadratic, bool cones = true)
    {
        int n = 1 + random.Next(20), e = random.Next(1 + n / 2);
        int[] sizes = cones ? Enumerable.Range(0, random.Next(4)).Select(_ => 1 + random.Next(6)).ToArray() : [];
        var problem = new ConicProblem(n, random.Next(2 * n) + 1, sizes, e);
        int rank = random.Next(n + 1);
        double[] root = Normal(random, rank * n), z0 = Normal(random, n), nu = Normal(random, e);
        double[] q = quadratic ? new double[n * n] : [];
        for (int i = 0; i < q.Length; i++)
        {
            for (int k = 0; k < rank; k++)
                q[i] += root[k * n + i / n] * root[k * n + i % n];
        }

        double[] g = Normal(random, problem.M * n), a = Normal(random, e * n);
        if (e > 1 && random.Next(2) == 0)
            a.AsSpan(0, n).CopyTo(a.AsSpan(n)); // a repeated equality
        double[] s = problem.Interior(random), lambda = problem.Interior(random);
        double[] p = quadratic ? Product(q, z0, n).Select(v => -v).ToArray() : new double[n];
        for (int j = 0; j < n; j++)
        {
            for (int i = 0; i < problem.M; i++)
                p[j] -= g[i * n + j] * lambda[i];
            for (int i = 0; i < e; i++)
                p[j] -= a[i * n + j] * nu[i];
        }

        double[] h = Product(g, z0, problem.M).Zip(s, (u, v) => u + v).ToArray();
        return problem with { Q = q, P = p, A = a, B = Product(a, z0, e), G = g, H = h };
    }

    /// <summary>A random point inside the cone.</summary>
    public double[] Interior(Random random)
    {
        double[] s = Normal(random, M);
        for (int i = 0; i < Orthant; i++)
            s[i] = Math.Abs(s[i]) + 1e-3;
        int offset = Orthant;
        foreach (int size in Cones)
        {
            s[offset] = 0.1 + random.NextDouble() + Norm(s.AsSpan(offset + 1, size - 1));
            offset += size;
        }

        return s;
    }

    /// <summary>How far a point is outside the cone.</summary>
    public double Outside(ReadOnlySpan<double> s)
    {
        double worst = 0;
        for (int i = 0; i < Orthant; i++)
            worst = Math.Max(worst, -s[i]);
        int offset = Orthant;
        foreach (int size in Cones)
        {
            worst = Math.Max(worst, Norm(s.Slice(offset + 1, size - 1)) - s[offset]);
            offset += size;
        }

        return worst;
    }

    public void AssertOptimal(ConicSolver solver, double tolerance, string what)
    {
        double[] z = solver.Z.ToArray(), lambda = solver.Lambda.ToArray(), nu = solver.Nu.ToArray();
        double[] s = H.Zip(Product(G, z, M), (u, v) => u - v).ToArray();
        double size = 1 + z.Concat(lambda).Concat(nu).Concat(s).Max(Math.Abs);
        Assert.IsLessThanOrEqualTo(tolerance * size, Outside(s), $"slack: {what}");
        Assert.IsLessThanOrEqualTo(tolerance * size, Outside(lambda), $"multipliers: {what}");
        double[] az = Product(A, z, E);
        for (int i = 0; i < E; i++)
            Assert.AreEqual(B[i], az[i], tolerance * size, $"equality {i}: {what}");
        double[] slope = Q.Length == 0 ? new double[N] : Product(Q, z, N);
        for (int j = 0; j < N; j++)
        {
            double sum = slope[j] + P[j];
            for (int i = 0; i < M; i++)
                sum += G[i * N + j] * lambda[i];
            for (int i = 0; i < E; i++)
                sum += A[i * N + j] * nu[i];
            Assert.AreEqual(0, sum, tolerance * size, $"stationarity {j}: {what}");
            slope[j] = 0.5 * slope[j] + P[j];
        }

        double objective = slope.Zip(z, (u, v) => u * v).Sum();
        Assert.AreEqual(0, s.Zip(lambda, (u, v) => u * v).Sum(), tolerance * (1 + Math.Abs(objective)) * size, $"complementarity: {what}");
        Assert.AreEqual(objective, solver.Objective, 1e-9 * (size + Math.Abs(objective)), $"objective: {what}");
    }

    public override string ToString() =>
        $"n={N} m={Orthant} cones=[{string.Join(",", Cones)}] p={E} Q={(Q.Length == 0 ? "zero" : "given")}";

    public static double[] Normal(Random random, int count) => Enumerable.Range(0, count)
        .Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())).ToArray();

    public static double[] Product(double[] matrix, double[] x, int rows)
    {
        double[] result = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < x.Length; j++)
                result[i] += matrix[i * x.Length + j] * x[j];
        }

        return result;
    }

    private static double Norm(ReadOnlySpan<double> x)
    {
        double sum = 0;
        foreach (double value in x)
            sum += value * value;
        return Math.Sqrt(sum);
    }
}
