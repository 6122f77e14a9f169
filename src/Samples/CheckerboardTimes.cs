using System;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.QuadraticPrograms;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>How long the checkerboard's methods take for an image, in one thread.</summary>
internal static class CheckerboardTimes
{
    /// <summary>That of the paper's comparison.</summary>
    private const double SolverTolerance = 1e-6;

    /// <summary>Prints error, time from pixels to the result, and time of the step alone that makes the result obey.</summary>
    public static void Print(
        PolyhedralLayer layer, HiddenMap hidden, FreeMap free, Projector projector, float[] all, double seconds, double[] errors)
    {
        int rows = all.Length / Digits.Pixels;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        Tensor images = tensor(all).reshape(rows, Digits.Pixels);
        var result = new float[all.Length];
        var statuses = new SolverStatus[rows];
        using QuadraticProgramLayer solver = Solver();
        Tensor given = free.call(images).to(ScalarType.Float64).neg();
        float[] outputs = Checkerboard.Apply(free, all);
        double Time(Action pass) => Microseconds(pass, rows, seconds);
        double map = Time(() => layer.Parameterization.Map(all, result, statuses, threads: 1));
        double project = Time(() => projector.Project(outputs, [], result, statuses));
        double solve = Time(() => solver.forward(given).Dispose());
        double linear = Time(() => free.call(images).Dispose());
        Console.WriteLine("                                          error   microseconds an image   the constraint alone   times the first");
        Line("parameterised", errors[0], Time(() => layer.call(images).Dispose()), map, map);
        Line("parameterised, a hidden layer", errors[1], Time(() => hidden.call(images).Dispose()), map, map);
        Line("free map, exact projection", errors[2], linear + project, project, map);
        Line("free map, iterative solver to 1E-6", errors[2], linear + solve, solve, map);
        Line("the images' own projection (optimum)", errors[3], Time(() => projector.Project(all, [], result, statuses)), double.NaN, map);
    }

    private static void Line(string name, double error, double whole, double alone, double first)
    {
        string rest = double.IsNaN(alone) ? "" : FormattableString.Invariant($"{alone,23:F2}{alone / first,18:F1}");
        Console.WriteLine(FormattableString.Invariant($"{name,-38}{error,9:F4}{whole,24:F2}") + rest);
    }

    /// <summary>minimise ½|z − y|² over the set as a quadratic program, p = −y.</summary>
    private static QuadraticProgramLayer Solver()
    {
        (string Name, int[] Pixels, double Sign)[] board = [.. Digits.Board()];
        int n = Digits.Pixels;
        var matrix = new double[board.Length + 2 * n, n];
        var right = new double[board.Length + 2 * n];
        for (int i = 0; i < board.Length; i++)
        {
            foreach (int pixel in board[i].Pixels)
                matrix[i, pixel] = board[i].Sign;
        }

        for (int j = 0; j < n; j++)
        {
            (matrix[board.Length + j, j], matrix[board.Length + n + j, j]) = (1, -1);
            (right[board.Length + j], right[board.Length + n + j]) = (1, 1);
        }

        return new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = n,
            Inequalities = right.Length,
            Q = QuadraticProgramTerm.Fixed(eye(n, dtype: ScalarType.Float64)),
            P = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Fixed(tensor(matrix)),
            H = QuadraticProgramTerm.Fixed(tensor(right)),
            Solver = new QuadraticProgramOptions { Tolerance = SolverTolerance, Threads = 1 },
        });
    }

    private static double Microseconds(Action pass, int rows, double seconds)
    {
        // Long enough for the loops to have been compiled well.
        long warm = Stopwatch.GetTimestamp() + (long)(seconds / 2 * Stopwatch.Frequency);
        do
            pass();
        while (Stopwatch.GetTimestamp() < warm);
        // The fastest pass: what others do on the machine only adds to it.
        double best = double.PositiveInfinity;
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        do
        {
            long start = Stopwatch.GetTimestamp();
            pass();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / rows);
        }
        while (Stopwatch.GetTimestamp() < end);

        return best;
    }
}
