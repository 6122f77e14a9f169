using System;
using System.IO;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>The data files beside the samples.</summary>
internal static class SampleData
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "data", name);

    /// <summary>The value after <paramref name="option"/>, or null.</summary>
    public static string? Option(string[] args, string option)
    {
        int index = Array.IndexOf(args, option);
        if (index < 0)
            return null;
        return index + 1 < args.Length ? args[index + 1] : throw new ArgumentException($"Option '{option}' expects a value.");
    }
}
