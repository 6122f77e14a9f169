using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

/// <summary>Problems with known solutions, multipliers and gradients: data/golden-qp, whose README says how they were made.</summary>
[TestClass]
public class GoldenProblemTests
{
    public static IEnumerable<object[]> Files()
    {
        foreach (string path in Directory.GetFiles(RepositoryFiles.Path("test", "Microsoft.ML.Constrained.Tests", "data", "golden-qp"), "*.json"))
            yield return [Path.GetFileName(path), path];
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void SolveAndDifferentiate_GoldenProblem_AsKnown(string name, string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement golden = document.RootElement;
        int n = golden.GetProperty("n").GetInt32(), m = golden.GetProperty("m").GetInt32(), p = golden.GetProperty("neq").GetInt32();
        var batch = new QuadraticProgramBatch(1, n, m, p)
        {
            Q = Numbers(golden.GetProperty("Q")),
            P = Numbers(golden.GetProperty("p")),
            G = Numbers(golden.GetProperty("G")),
            H = Numbers(golden.GetProperty("h")),
            A = Numbers(golden.GetProperty("A")),
            B = Numbers(golden.GetProperty("b")),
        };
        var solver = new QuadraticProgramSolver();
        QuadraticProgramSolution solution = solver.Solve(batch);
        SolverStatus expected = golden.GetProperty("label").GetString() switch
        {
            "solved" => SolverStatus.Solved,
            "primal_infeasible" => SolverStatus.PrimalInfeasible,
            "unbounded" => SolverStatus.DualInfeasible,
            "nonconvex" => SolverStatus.InvalidInput,
            string label => throw new InvalidDataException($"Unknown label '{label}' in '{name}'."),
            null => throw new InvalidDataException($"No label in '{name}'."),
        };
        Assert.AreEqual(expected, solution.Status[0]);
        if (expected != SolverStatus.Solved)
            return;
        Compare("z", golden.GetProperty("z"), solution.Z.Span, 1e-9);
        Compare("lambda", golden.GetProperty("lambda"), solution.Lambda.Span, 1e-9);
        Compare("nu", golden.GetProperty("nu"), solution.Nu.Span, 1e-9);
        var gradients = new QuadraticProgramGradients();
        solver.Differentiate(batch, solution, Numbers(golden.GetProperty("c")), default, default, gradients);
        JsonElement known = golden.GetProperty("grad");
        Compare("dQ", known.GetProperty("Q"), gradients.Q.Span, 1e-7);
        Compare("dp", known.GetProperty("p"), gradients.P.Span, 1e-7);
        Compare("dG", known.GetProperty("G"), gradients.G.Span, 1e-7);
        Compare("dh", known.GetProperty("h"), gradients.H.Span, 1e-7);
        Compare("dA", known.GetProperty("A"), gradients.A.Span, 1e-7);
        Compare("db", known.GetProperty("b"), gradients.B.Span, 1e-7);
    }

    private static void Compare(string what, JsonElement expected, ReadOnlySpan<double> actual, double tolerance)
    {
        double[] numbers = Numbers(expected);
        Assert.AreEqual(numbers.Length, actual.Length, what);
        for (int i = 0; i < numbers.Length; i++)
            Assert.AreEqual(numbers[i], actual[i], tolerance * Math.Max(1, Math.Abs(numbers[i])), $"{what}[{i}]");
    }

    private static double[] Numbers(JsonElement element)
    {
        var numbers = new List<double>();
        Add(element);
        return [.. numbers];

        void Add(JsonElement part)
        {
            if (part.ValueKind != JsonValueKind.Array)
            {
                numbers.Add(part.GetDouble());
                return;
            }

            foreach (JsonElement item in part.EnumerateArray())
                Add(item);
        }
    }
}
