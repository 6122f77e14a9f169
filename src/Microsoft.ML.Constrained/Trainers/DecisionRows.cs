using System;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Rows of decision-focused training, row-major, in training's units.</summary>
/// <param name="Count">Number of rows.</param>
/// <param name="Features">Features as the network takes them.</param>
/// <param name="Best">The best decisions.</param>
/// <param name="Costs">The true costs; empty where they are unknown.</param>
internal sealed record DecisionRows(int Count, float[] Features, float[] Best, float[] Costs)
{
    /// <summary>A selection of rows; empty where there are no values.</summary>
    public static float[] Select(float[] values, int width, long[] rows)
    {
        if (values.Length == 0)
            return [];
        var selected = new float[rows.Length * width];
        for (int i = 0; i < rows.Length; i++)
            values.AsSpan((int)rows[i] * width, width).CopyTo(selected.AsSpan(i * width));
        return selected;
    }
}
