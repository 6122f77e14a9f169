using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>The <c>--option value</c> pairs of one case. An option that no one reads is an error, so a misspelt one is not ignored.</summary>
internal sealed class BenchmarkArguments
{
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, object> _read = new(StringComparer.Ordinal);

    /// <summary>Every option read so far with the value used.</summary>
    public IReadOnlyDictionary<string, object> Used => _read;

    /// <summary>Threads to use; all processors when not given.</summary>
    public int Threads => Int("threads", Environment.ProcessorCount);

    /// <summary>Least number of timed repetitions.</summary>
    public int Repetitions => Int("repetitions", 5);

    public static BenchmarkArguments Parse(string[] args)
    {
        var result = new BenchmarkArguments();
        for (int i = 1; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
                throw new ArgumentException($"Expected '--option value', got '{args[i]}'.");
            result._given[args[i][2..]] = args[i + 1];
        }

        return result;
    }

    public int Int(string name, int fallback)
    {
        int value = _given.TryGetValue(name, out string? text)
            ? int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int parsed)
                ? parsed
                : throw new ArgumentException($"Option '--{name}' expects an integer, got '{text}'.")
            : fallback;
        _read[name] = value;
        return value;
    }

    public double Double(string name, double fallback)
    {
        double value = _given.TryGetValue(name, out string? text)
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed)
                ? parsed
                : throw new ArgumentException($"Option '--{name}' expects a number, got '{text}'.")
            : fallback;
        _read[name] = value;
        return value;
    }

    public string Text(string name, string fallback)
    {
        string value = _given.GetValueOrDefault(name, fallback);
        _read[name] = value;
        return value;
    }

    public void ThrowIfUnread()
    {
        string[] unread = [.. _given.Keys.Where(key => !_read.ContainsKey(key))];
        if (unread.Length > 0)
            throw new ArgumentException($"Unknown option '--{unread[0]}'; this case reads: {string.Join(", ", _read.Keys.Select(k => "--" + k))}.");
    }
}
