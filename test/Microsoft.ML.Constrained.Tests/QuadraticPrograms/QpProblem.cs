using System;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

/// <summary>One quadratic program with plain loops for everything that the tests check results by.</summary>
internal sealed class QpProblem(int n, int m, int p)
{
    public int N { get; } = n;

    public int M { get; } = m;

    public int E { get; } = p;

    public double[] Q { get; set; } = new double[n * n];

    public double[] P { get; set; } = new double[n];

    public double[] G { get; set; } = new double[m * n];

    public double[] H { get; set; } = new double[m];

    public double[] A { get; set; } = new double[p * n];

    public double[] B { get; set; } = new double[p];

    /// <summary>A feasible problem with Q = LLᵀ + shift·I, L having <paramref name="rank"/> columns.</summary>
    public static QpProblem Random(Random random, int n, int m, int p, double shift = 1e-3, int rank = -1)
    {
        var problem = new QpProblem(n, m, p);
        rank = rank < 0 ? n : rank;
        double[] l = new double[n * Math.Max(1, rank)], z = new double[n];
        Fill(random, l);
        Fill(random, z);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                for (int k = 0; k < rank; k++)
                    problem.Q[(i * n) + j] += l[(i * rank) + k] * l[(j * rank) + k];
                problem.Q[(i * n) + j] += i == j ? shift : 0;
            }
        }

        Fill(random, problem.P);
        Fill(random, problem.G);
        Fill(random, problem.A);
        for (int i = 0; i < m; i++)
            problem.H[i] = Dot(problem.G, i * n, z) + random.NextDouble();
        for (int i = 0; i < p; i++)
            problem.B[i] = Dot(problem.A, i * n, z);
        return problem;
    }

    public static void Fill(Random random, Span<double> values)
    {
        foreach (ref double value in values)
            value = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    public static QuadraticProgramBatch Batch(params QpProblem[] problems)
    {
        int n = problems[0].N, m = problems[0].M, p = problems[0].E;
        return new QuadraticProgramBatch(problems.Length, n, m, p)
        {
            Q = Join(problems, x => x.Q),
            P = Join(problems, x => x.P),
            G = Join(problems, x => x.G),
            H = Join(problems, x => x.H),
            A = Join(problems, x => x.A),
            B = Join(problems, x => x.B),
        };
    }

    public QpProblem Clone()
    {
        var copy = new QpProblem(N, M, E);
        (copy.Q, copy.P, copy.G) = ((double[])Q.Clone(), (double[])P.Clone(), (double[])G.Clone());
        (copy.H, copy.A, copy.B) = ((double[])H.Clone(), (double[])A.Clone(), (double[])B.Clone());
        return copy;
    }

    public double Objective(ReadOnlySpan<double> z)
    {
        double value = 0;
        for (int i = 0; i < N; i++)
            value += z[i] * ((0.5 * Dot(Q, i * N, z)) + P[i]);
        return value;
    }

    /// <summary>The largest violation of any optimality condition, absolute.</summary>
    public double KktError(ReadOnlySpan<double> z, ReadOnlySpan<double> lambda, ReadOnlySpan<double> nu)
    {
        double worst = 0;
        for (int j = 0; j < N; j++)
        {
            double sum = P[j];
            for (int i = 0; i < N; i++)
                sum += 0.5 * (Q[(i * N) + j] + Q[(j * N) + i]) * z[i];
            for (int i = 0; i < M; i++)
                sum += G[(i * N) + j] * lambda[i];
            for (int i = 0; i < E; i++)
                sum += A[(i * N) + j] * nu[i];
            worst = Max(worst, Math.Abs(sum));
        }

        for (int i = 0; i < M; i++)
        {
            double slack = H[i] - Dot(G, i * N, z);
            worst = Max(worst, Max(Max(-slack, -lambda[i]), Math.Abs(slack * lambda[i])));
        }

        for (int i = 0; i < E; i++)
            worst = Max(worst, Math.Abs(B[i] - Dot(A, i * N, z)));
        return worst;
    }

    public static double Dot(double[] matrix, int offset, ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int j = 0; j < z.Length; j++)
            sum += matrix[offset + j] * z[j];
        return sum;
    }

    // NaN must not get lost, as it would with a comparison.
    private static double Max(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);

    private static double[] Join(QpProblem[] problems, Func<QpProblem, double[]> part)
    {
        int each = part(problems[0]).Length;
        double[] all = new double[each * problems.Length];
        for (int i = 0; i < problems.Length; i++)
            part(problems[i]).CopyTo(all, i * each);
        return all;
    }
}
