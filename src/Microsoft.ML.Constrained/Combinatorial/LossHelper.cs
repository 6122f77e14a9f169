using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Checks that the losses share.</summary>
internal static class LossHelper
{
    public static void Check(int length, int rows, int other, string name)
    {
        if (rows < 1 || length % rows != 0)
            throw new ArgumentException($"Expected a positive number of rows that divides the {length} entries, got {rows}.", nameof(rows));
        if (other != length)
            throw new ArgumentException($"'{name}' expects {length} entries, got {other}.", name);
    }
}
