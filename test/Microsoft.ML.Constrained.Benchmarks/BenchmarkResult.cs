using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>What one case measured, in the order in which it is printed.</summary>
internal sealed class BenchmarkResult
{
    private readonly List<KeyValuePair<string, object>> _figures = [];

    public BenchmarkResult Add(string name, object value)
    {
        _figures.Add(new(name, value is double d ? Math.Round(d, 6) : value));
        return this;
    }

    public string ToJson(string name, BenchmarkArguments arguments)
    {
        var line = new Dictionary<string, object> { ["case"] = name };
        foreach (KeyValuePair<string, object> used in arguments.Used)
            line[used.Key] = used.Value;
        foreach (KeyValuePair<string, object> figure in _figures)
            line[figure.Key] = figure.Value;
        return JsonSerializer.Serialize(line);
    }

    /// <summary>
    /// The median milliseconds of <paramref name="action"/>, after two warm-up calls, over at least
    /// <paramref name="repetitions"/> calls and one second.
    /// </summary>
    public static double MedianMilliseconds(Action action, int repetitions)
    {
        // Long enough for the tiered compiler to have replaced the first versions of the hot loops.
        long warmUpUntil = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 2;
        for (int i = 0; i < 2 || Stopwatch.GetTimestamp() < warmUpUntil; i++)
            action();
        var times = new List<double>();
        long end = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        while (times.Count < repetitions || Stopwatch.GetTimestamp() < end)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        int middle = times.Count / 2;
        return times.Count % 2 == 1 ? times[middle] : 0.5 * (times[middle - 1] + times[middle]);
    }
}
