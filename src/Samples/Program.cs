using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>Runs one sample by name: <c>NAME [ARGS]</c>.</summary>
internal static class Program
{
    private static readonly SortedDictionary<string, Action<string[]>> s_samples = new(StringComparer.Ordinal)
    {
        ["automl"] = QuantileSearch.Run,
        ["checkerboard"] = Checkerboard.Run,
        ["denoise"] = Denoise.Run,
        ["digits"] = FewDigits.Run,
        ["dispatch"] = Dispatch.Run,
        ["dvae"] = Dvae.Run,
        ["knapsack"] = Knapsack.Run,
        ["portfolio"] = Portfolio.Run,
        ["quantiles"] = Quantiles.Run,
        ["reconcile"] = Reconcile.Run,
        ["score"] = Score.Run,
        ["solve-qp"] = SolveQp.Run,
        ["spirals"] = Spirals.Run,
        ["sudoku"] = Sudoku.Run,
#if UPSTREAM_PACKAGES
        ["text-hierarchy"] = TextHierarchy.Run,
#endif
        ["tsp"] = Tsp.Run,
        ["vae"] = Vae.Run,
        ["warcraft"] = Warcraft.Run,
    };

    private static int Main(string[] args)
    {
        string name = args.Length == 0 ? "reconcile" : args[0];
        if (!s_samples.TryGetValue(name, out Action<string[]>? run))
        {
            Console.Error.WriteLine($"There is no sample '{name}'; there are: {string.Join(", ", s_samples.Keys)}.");
            return 2;
        }

        run(args.Length == 0 ? [] : args[1..]);
        return 0;
    }
}
