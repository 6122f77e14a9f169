using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Chooses a portfolio each month by a quadratic program inside an ML.NET pipeline. Expected returns, the weights held before
/// and the turnover allowed are columns; covariance, caps and budget are fixed:
/// minimise (γ/2) wᵀΣw − rᵀw subject to Σw = 1, 0 ≤ w ≤ cap, Σ|w − before| ≤ turnover, the last with u ≥ |w − before| as further variables.
/// </summary>
internal static class Portfolio
{
    private const int Assets = 5;
    private const double RiskAversion = 4;

    private static readonly string[] s_assets = ["Stocks", "Bonds", "Gold", "Property", "Cash"];
    private static readonly double[] s_volatility = [0.18, 0.06, 0.15, 0.12, 0.005];
    private static readonly float[] s_caps = [0.6f, 0.6f, 0.25f, 0.3f, 1];

    public static void Run(string[] args) => Example();

    public static void Example()
    {
        var mlContext = new MLContext(seed: 1);
        Month[] months = Months(12, new Random(3));
        IDataView data = mlContext.Data.LoadFromEnumerable(months);

        // Variables: the weights w, then u. Rows of G, with their right-hand sides put together from columns.
        string[] limits = [.. Rows("short", s_assets), .. Rows("cap", s_assets), .. Rows("buy", s_assets), .. Rows("sell", s_assets), "turnover"];
        var pipeline = mlContext.Transforms.Concatenate("Costs", nameof(Month.Returns), nameof(Month.Zeros))
            .Append(mlContext.Transforms.Concatenate(
                "Limits", nameof(Month.Zeros), nameof(Month.Caps), nameof(Month.Before), nameof(Month.MinusBefore), nameof(Month.Turnover)))
            .Append(mlContext.Transforms.QuadraticProgram(new QuadraticProgramStageOptions
            {
                OutputColumnName = "Weights",
                LinearCostColumnName = "Costs",
                LinearCostFactor = -1,
                InequalityColumnName = "Limits",
                Q = Covariance(),
                G = Inequalities(),
                A = Budget(),
                B = [1],
                VariableNames = [.. s_assets, .. Rows("traded", s_assets)],
                InequalityNames = limits,
                EqualityNames = ["budget"],
                Diagnostics = true,
            }));
        ITransformer model = pipeline.Fit(data);

        Console.WriteLine($"{"month",5}{"turnover",10}{string.Concat(s_assets.Select(a => a.PadLeft(10)))}{"return",9}{"risk",8}  shadow prices (per unit of the limit)");
        Chosen[] chosen = [.. mlContext.Data.CreateEnumerable<Chosen>(model.Transform(data), reuseRowObject: false)];
        for (int i = 0; i < months.Length; i++)
            Print(i, months[i], chosen[i], limits);
        Console.WriteLine($"Solved: {chosen.Count(c => c.WeightsStatus == (uint)SolverStatus.Solved)} of {months.Length} months.");
    }

    private static void Print(int index, Month month, Chosen chosen, string[] limits)
    {
        float[] w = chosen.Weights[..Assets];
        double[,] q = Covariance();
        double variance = 0;
        for (int i = 0; i < Assets; i++)
        {
            for (int j = 0; j < Assets; j++)
                variance += q[i, j] / RiskAversion * w[i] * w[j];
        }

        double expected = w.Zip(month.Returns, (x, y) => (double)x * y).Sum();
        double traded = w.Zip(month.Before, (x, y) => Math.Abs((double)x - y)).Sum();
        IEnumerable<string> prices = limits.Zip(chosen.WeightsInequalityPrices, (Name, Price) => (Name, Price))
            .Where(p => p.Price > 1e-4 && !p.Name.StartsWith("buy", StringComparison.Ordinal) && !p.Name.StartsWith("sell", StringComparison.Ordinal))
            .OrderByDescending(p => p.Price)
            .Select(p => FormattableString.Invariant($"{p.Name} {p.Price:F4}"));
        Console.WriteLine(FormattableString.Invariant($"{index + 1,5}{traded,10:F3}") +
            string.Concat(w.Select(x => FormattableString.Invariant($"{(Math.Abs(x) < 5e-4f ? 0 : x),10:F3}"))) +
            FormattableString.Invariant($"{expected,9:F4}{Math.Sqrt(variance),8:F4}  ") +
            string.Join(", ", prices));
    }

    /// <summary>γΣ for w and zero for u. Correlations: 0.3 between the risky assets, bonds and gold slightly against stocks.</summary>
    private static double[,] Covariance()
    {
        var q = new double[2 * Assets, 2 * Assets];
        for (int i = 0; i < Assets; i++)
        {
            for (int j = 0; j < Assets; j++)
            {
                double correlation = i == j ? 1 : (i, j) is (0, 1) or (1, 0) or (0, 2) or (2, 0) ? -0.1 : i == 4 || j == 4 ? 0 : 0.3;
                q[i, j] = RiskAversion * correlation * s_volatility[i] * s_volatility[j];
            }
        }

        return q;
    }

    /// <summary>−w ≤ 0, w ≤ cap, w − u ≤ before, −w − u ≤ −before, Σu ≤ turnover.</summary>
    private static double[,] Inequalities()
    {
        var g = new double[4 * Assets + 1, 2 * Assets];
        for (int i = 0; i < Assets; i++)
        {
            g[i, i] = -1;
            g[Assets + i, i] = 1;
            g[2 * Assets + i, i] = 1;
            g[2 * Assets + i, Assets + i] = -1;
            g[3 * Assets + i, i] = -1;
            g[3 * Assets + i, Assets + i] = -1;
            g[4 * Assets, Assets + i] = 1;
        }

        return g;
    }

    private static double[,] Budget()
    {
        var a = new double[1, 2 * Assets];
        for (int i = 0; i < Assets; i++)
            a[0, i] = 1;
        return a;
    }

    private static IEnumerable<string> Rows(string kind, string[] assets) => assets.Select(a => $"{kind} {a}");

    /// <summary>Made-up months: expected returns drift, each month starts from a fixed mix, and every third allows little trading.</summary>
    private static Month[] Months(int count, Random random)
    {
        float[] mean = [0.07f, 0.03f, 0.04f, 0.05f, 0.02f];
        var months = new Month[count];
        for (int i = 0; i < count; i++)
        {
            months[i] = new Month
            {
                Returns = [.. mean.Select((m, k) => m + (float)(s_volatility[k] * 0.3 * (2 * random.NextDouble() - 1)))],
                Before = [0.4f, 0.3f, 0.1f, 0.1f, 0.1f],
                Turnover = i % 3 == 2 ? 0.1f : 0.6f,
            };
        }

        return months;
    }

    private sealed class Month
    {
        [VectorType(Assets)]
        public float[] Returns { get; set; } = new float[Assets];

        [VectorType(Assets)]
        public float[] Before { get; set; } = new float[Assets];

        [VectorType(Assets)]
        public float[] MinusBefore => [.. Before.Select(b => -b)];

        [VectorType(Assets)]
        public float[] Caps => s_caps;

        [VectorType(Assets)]
        public float[] Zeros => new float[Assets];

        public float Turnover { get; set; }
    }

    private sealed class Chosen
    {
        [VectorType(2 * Assets)]
        public float[] Weights { get; set; } = [];

        [KeyType(6)]
        public uint WeightsStatus { get; set; }

        [VectorType(4 * Assets + 1)]
        public float[] WeightsInequalityPrices { get; set; } = [];
    }
}
