using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// <c>solve-qp IN.json OUT.json</c>: solves the quadratic programs of a file.
/// </summary>
/// <remarks>
/// A problem is either
/// <code>
/// {"Q":[[..]], "p":[..], "G":[[..]], "h":[..], "A":[[..]], "b":[..], "c":[..]}       minimise ½zᵀQz + pᵀz, Gz ≤ h, Az = b
/// {"P":{"row":[..],"col":[..],"val":[..]}, "q":[..], "r":0, "A":{..}, "l":[..], "u":[..]}     minimise ½zᵀPz + qᵀz + r, l ≤ Az ≤ u
/// </code>
/// In the first form G and h, A and b, and c may be missing; with c the gradients of cᵀz are written too. In the second a bound may be
/// null, and lambda is one multiplier for each row (negative at a lower bound), nu is empty.
/// </remarks>
internal static class SolveQp
{
    /// <summary>Runs the program; without arguments it shows one problem of each kind of outcome.</summary>
    public static void Run(string[] args)
    {
        if (args.Length == 0)
        {
            Example();
            return;
        }

        if (args.Length != 2)
            throw new ArgumentException("Usage: solve-qp IN.json OUT.json");
        var root = JsonNode.Parse(File.ReadAllText(args[0]))!.AsObject();
        File.WriteAllText(args[1], Solve(root).ToJsonString());
    }

    /// <summary>Projects a point on a triangle, with the derivative of the result's first coordinate.</summary>
    public static void Example()
    {
        const string Problem = """
            {"problems":[
              {"Q":[[1,0],[0,1]],"p":[-2,-1],"G":[[1,1],[-1,0],[0,-1]],"h":[1,0,0],"c":[1,0]},
              {"Q":[[1]],"p":[0],"G":[[1],[-1]],"h":[0,-1]}]}
            """;
        Console.WriteLine(Solve(JsonNode.Parse(Problem)!.AsObject()).ToJsonString());

        // Expected: the first problem is Solved at z = (1, 0) with lambda = (1, 0, 0); the second is PrimalInfeasible.
    }

    /// <summary>Solves every problem of <c>{"problems":[..]}</c>.</summary>
    internal static JsonObject Solve(JsonObject root)
    {
        var solver = new QuadraticProgramSolver(new QuadraticProgramOptions { Policy = RowPolicy.Missing });
        var results = new JsonArray();
        foreach (JsonNode? problem in root["problems"]!.AsArray())
            results.Add((JsonNode)(problem!["P"] != null ? SolveTwoSided(solver, problem) : SolveStandard(solver, problem)));
        return new JsonObject { ["problems"] = results };
    }

    private static JsonObject SolveStandard(QuadraticProgramSolver solver, JsonNode problem)
    {
        double[] p = Vector(problem["p"]);
        int n = p.Length;
        double[] h = Vector(problem["h"]), b = Vector(problem["b"]);
        var batch = new QuadraticProgramBatch(1, n, h.Length, b.Length)
        {
            Q = Matrix(problem["Q"], n),
            P = p,
            G = Matrix(problem["G"], n),
            H = h,
            A = Matrix(problem["A"], n),
            B = b,
        };
        QuadraticProgramSolution solution = solver.Solve(batch);
        JsonObject result = Result(solution, 0);
        result["lambda"] = Json(solution.Lambda.Span);
        result["nu"] = Json(solution.Nu.Span);
        if (problem["c"] is JsonNode c && c.AsArray().Count > 0)
            AddGradients(solver, batch, solution, Vector(c), result);
        AddCertificate(solution, result);
        return result;
    }

    private static JsonObject SolveTwoSided(QuadraticProgramSolver solver, JsonNode problem)
    {
        double[] q = Vector(problem["q"]), lower = Vector(problem["l"], double.NegativeInfinity), upper = Vector(problem["u"], double.PositiveInfinity);
        int n = q.Length;
        var rows = new TwoSidedProgram(Triplets(problem["A"], lower.Length, n), n, lower, upper);
        var batch = new QuadraticProgramBatch(1, n, rows.Inequalities, rows.Equalities)
        {
            Q = Triplets(problem["P"], n, n),
            P = q,
            G = rows.G,
            H = rows.H,
            A = rows.A,
            B = rows.B,
        };
        QuadraticProgramSolution solution = solver.Solve(batch);
        JsonObject result = Result(solution, problem["r"]?.GetValue<double>() ?? 0);
        result["lambda"] = Json(rows.RowMultipliers(solution.Lambda.Span, solution.Nu.Span));
        result["nu"] = new JsonArray();
        return result;
    }

    private static JsonObject Result(QuadraticProgramSolution solution, double constant) => new()
    {
        ["status"] = solution.Status[0].ToString(),
        ["z"] = Json(solution.Z.Span),
        ["objective"] = Json(solution.Objective[0] + constant),
        ["primalResidual"] = Json(solution.PrimalResidual[0]),
        ["dualResidual"] = Json(solution.DualResidual[0]),
        ["iterations"] = solution.Iterations[0],
        ["gap"] = Json(solution.Gap[0]),
    };

    private static void AddGradients(
        QuadraticProgramSolver solver, QuadraticProgramBatch batch, QuadraticProgramSolution solution, double[] c, JsonObject result)
    {
        var gradients = new QuadraticProgramGradients();
        solver.Differentiate(batch, solution, c, default, default, gradients);
        int n = batch.Variables;
        result["dQ"] = Json(gradients.Q.Span, n);
        result["dp"] = Json(gradients.P.Span);
        result["dG"] = Json(gradients.G.Span, n);
        result["dh"] = Json(gradients.H.Span);
        result["dA"] = Json(gradients.A.Span, n);
        result["db"] = Json(gradients.B.Span);
    }

    private static void AddCertificate(QuadraticProgramSolution solution, JsonObject result)
    {
        if (solution.GetCertificate(0) is not { } certificate)
            return;
        result["certificate"] = solution.Status[0] == SolverStatus.PrimalInfeasible
            ? new JsonObject { ["lambda"] = Json(certificate.Lambda.Span), ["nu"] = Json(certificate.Nu.Span) }
            : new JsonObject { ["direction"] = Json(certificate.Direction.Span) };
    }

    private static double[] Vector(JsonNode? node, double missing = double.NaN)
    {
        if (node == null)
            return [];
        var values = new List<double>();
        foreach (JsonNode? item in node.AsArray())
            values.Add(item == null ? missing : item.GetValue<double>());
        return [.. values];
    }

    private static double[] Matrix(JsonNode? node, int columns)
    {
        if (node == null)
            return [];
        var values = new List<double>();
        foreach (JsonNode? row in node.AsArray())
        {
            double[] items = Vector(row);
            if (items.Length != columns)
                throw new InvalidDataException($"A row of a matrix has {items.Length} elements; expected {columns}, one for each element of p.");
            values.AddRange(items);
        }

        return [.. values];
    }

    private static double[] Triplets(JsonNode? node, int rows, int columns)
    {
        double[] matrix = new double[rows * columns];
        if (node == null)
            return matrix;
        double[] row = Vector(node["row"]), column = Vector(node["col"]), value = Vector(node["val"]);
        for (int k = 0; k < value.Length; k++)
            matrix[((int)row[k] * columns) + (int)column[k]] += value[k];
        return matrix;
    }

    private static JsonNode? Json(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static JsonArray Json(ReadOnlySpan<double> values)
    {
        var array = new JsonArray();
        foreach (double value in values)
            array.Add(Json(value));
        return array;
    }

    private static JsonArray Json(ReadOnlySpan<double> values, int columns)
    {
        var array = new JsonArray();
        for (int i = 0; i < values.Length; i += columns)
            array.Add((JsonNode)Json(values.Slice(i, columns)));
        return array;
    }
}
