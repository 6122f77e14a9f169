using System;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>What every closed form is put through: random and degenerate rows against a slow reference, gradients, batches.</summary>
internal static class ClosedForms
{
    public const int Cases = 10_000;

    /// <summary>A row: ordinary, with ties, of equal values, zero, with one large value, or of very large or small scale.</summary>
    public static double[] RandomRow(Random random, int n, int trial, double extreme)
    {
        Func<double> draw = (trial % 8) switch
        {
            0 => () => random.Next(-2, 3),
            1 => () => 0.25 * (1 + (trial % 3)),
            2 => () => random.Next(n) == 0 ? 10 : 0,
            3 => () => 0,
            4 => () => extreme * Normal(random),
            5 => () => Normal(random) / extreme,
            _ => () => 2 * Normal(random),
        };
        return [.. Enumerable.Range(0, n).Select(_ => draw())];
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>
    /// Projects with <paramref name="projection"/> into separate memory and in place, demands the same bits, and compares with the
    /// reference to <paramref name="tolerance"/> times the largest number around.
    /// </summary>
    public static T[] Check<P, T>(P projection, T[] y, double[] expected, double tolerance, double scale, string what)
        where P : IRowProjection<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var z = new T[y.Length];
        Assert.AreEqual(SolverStatus.Solved, projection.Project(y, z), what);
        T[] inPlace = [.. y];
        Assert.AreEqual(SolverStatus.Solved, projection.Project(inPlace, inPlace), what);
        CollectionAssert.AreEqual(z, inPlace, what);
        for (int i = 0; i < z.Length; i++)
        {
            double value = double.CreateTruncating(z[i]);
            Assert.AreEqual(expected[i], value, tolerance * Math.Max(scale, Math.Abs(expected[i])), $"{what}, slot {i} of {z.Length}");
        }

        return z;
    }

    /// <summary>
    /// Compares the adjoint with differences of the projection on both sides of every slot and of the right-hand side; where the two sides
    /// differ the point is at a kink, and only finiteness is asked for.
    /// </summary>
    /// <returns>How many derivatives were compared.</returns>
    public static int CheckAdjoint<P>(Func<double, P> at, double side, double[] y, double[] gradient, string what, bool expectSide = true)
        where P : IRowProjection<double>
    {
        int n = y.Length;
        P projection = at(side);
        var z = new double[n];
        projection.Project(y, z);
        var input = new double[n];
        double bySide = projection.Adjoint(y, z, gradient, input);
        double[] inPlace = [.. gradient];
        projection.Adjoint(y, z, inPlace, inPlace);
        CollectionAssert.AreEqual(input, inPlace, what);
        int compared = 0;
        for (int i = 0; i < (expectSide ? n + 1 : n); i++)
        {
            double given = i < n ? input[i] : bySide;
            Assert.IsTrue(double.IsFinite(given), $"{what}, slot {i}");
            const double H = 1e-6;
            double here = Loss(projection, y, gradient);
            double more = i < n ? Loss(projection, Moved(y, i, H), gradient) : Loss(at(side + H), y, gradient);
            double less = i < n ? Loss(projection, Moved(y, i, -H), gradient) : Loss(at(side - H), y, gradient);
            double right = (more - here) / H;
            double left = (here - less) / H;
            if (Math.Abs(right - left) > 1e-4 * Math.Max(1, Math.Abs(right)))
                continue;
            compared++;
            Assert.AreEqual(0.5 * (left + right), given, 1e-4 * Math.Max(1, Math.Abs(right)), $"{what}, slot {i} of {n}");
        }

        return compared;
    }

    /// <summary>The root of a decreasing function, by halving.</summary>
    public static double Bisect(Func<double, double> decreasing, double low, double high)
    {
        for (int i = 0; i < 400 && low < high; i++)
        {
            double middle = low + (0.5 * (high - low));
            if (middle == low || middle == high)
                break;
            if (decreasing(middle) > 0)
                low = middle;
            else
                high = middle;
        }

        return low + (0.5 * (high - low));
    }

    public static float[] Narrow(double[] values) => [.. values.Select(v => (float)v)];

    public static double[] Widen(float[] values) => [.. values.Select(v => (double)v)];

    public static double Largest(double[] values) => values.Length == 0 ? 0 : values.Max(Math.Abs);

    /// <summary>NaN and infinities are recognised wherever they stand, and rows are treated alike whatever the batch and the threads.</summary>
    public static void CheckBatch<P, T>(P projection, int columns)
        where P : IRowProjection<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Rows = 203;
        var random = new Random(columns);
        T[] y = [.. Enumerable.Range(0, Rows * columns).Select(_ => T.CreateTruncating(2 * Normal(random)))];
        y[(17 * columns) + (columns / 2)] = T.NaN;
        y[(18 * columns) + columns - 1] = T.PositiveInfinity;
        y[19 * columns] = T.NegativeInfinity;
        var one = new T[y.Length];
        var statuses = new SolverStatus[Rows];
        for (int i = 0; i < Rows; i++)
            statuses[i] = projection.Project(y.AsSpan(i * columns, columns), one.AsSpan(i * columns, columns));
        for (int i = 0; i < Rows; i++)
            Assert.AreEqual(i is >= 17 and <= 19 ? SolverStatus.InvalidInput : SolverStatus.Solved, statuses[i], $"row {i}");
        foreach (int threads in new[] { 1, 2, 3 })
        {
            var many = new T[y.Length];
            var status = new SolverStatus[Rows];
            RowBatch.Project(projection, y, columns, many, status, threads);
            CollectionAssert.AreEqual(statuses, status);
            for (int i = 0; i < Rows; i++)
            {
                if (status[i] == SolverStatus.Solved)
                    Assert.IsTrue(one.AsSpan(i * columns, columns).SequenceEqual(many.AsSpan(i * columns, columns)), $"row {i}, {threads} threads");
            }

            var input = new T[y.Length];
            RowBatch.Adjoint<P, T>(projection, y, one, y, Rows, columns, input, default, threads);
            var alone = new T[columns];
            projection.Adjoint(y.AsSpan(0, columns), one.AsSpan(0, columns), y.AsSpan(0, columns), alone);
            Assert.IsTrue(alone.AsSpan().SequenceEqual(input.AsSpan(0, columns)));
        }
    }

    private static double Loss<P>(P projection, double[] y, double[] gradient)
        where P : IRowProjection<double>
    {
        var z = new double[y.Length];
        projection.Project(y, z);
        return z.Zip(gradient, (p, q) => p * q).Sum();
    }

    private static double[] Moved(double[] values, int index, double by)
    {
        double[] copy = [.. values];
        copy[index] += by;
        return copy;
    }
}
