using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>Runs one case and prints one JSON line: <c>CASE [--option value …]</c>.</summary>
internal static class Program
{
    private static readonly SortedDictionary<string, Func<BenchmarkArguments, BenchmarkResult>> s_cases = new(StringComparer.Ordinal)
    {
        ["layers"] = LayersCase.Run,
        ["qp"] = QpCase.Run,
        ["assignment"] = AssignmentCase.Run,
        ["shortest-path"] = ShortestPathCase.Run,
        ["projection"] = ProjectionCase.Run,
        ["selection"] = SelectionCase.Run,
        ["simplex"] = SimplexCase.Run,
        ["pipeline"] = PipelineCase.Run,
        ["polyhedral"] = PolyhedralCase.Run,
        ["langevin"] = LangevinCase.Run,
    };

    private static int Main(string[] args)
    {
        if (args.Length == 0 || !s_cases.TryGetValue(args[0], out Func<BenchmarkArguments, BenchmarkResult>? run))
        {
            Console.Error.WriteLine($"Usage: bench.sh CASE [--option value ...]; cases: {string.Join(", ", s_cases.Keys)}.");
            return 2;
        }

        try
        {
            var arguments = BenchmarkArguments.Parse(args);
            BenchmarkResult result = run(arguments);
            arguments.ThrowIfUnread();
            Console.WriteLine(result.ToJson(args[0], arguments));
            return 0;
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }
}
