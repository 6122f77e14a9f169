using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What the projection of quantiles leaves of disorder.</summary>
internal static class QuantileOrder
{
    /// <summary>
    /// Raises each value of a solved row to the largest before it. With constraints besides the order, projected values may fall by a
    /// rounding unit; the others still hold within the tolerance then.
    /// </summary>
    /// <param name="scores">Rows × width.</param>
    /// <param name="width">Values a row.</param>
    /// <param name="statuses">A status a row.</param>
    public static void Restore<T>(Span<T> scores, int width, ReadOnlySpan<SolverStatus> statuses)
        where T : INumber<T>
    {
        for (int i = 0; i < statuses.Length; i++)
        {
            if (statuses[i] != SolverStatus.Solved)
                continue;
            Span<T> row = scores.Slice(i * width, width);
            for (int j = 1; j < width; j++)
                row[j] = T.Max(row[j], row[j - 1]);
        }
    }
}
