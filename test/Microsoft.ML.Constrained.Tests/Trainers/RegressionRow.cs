using System;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>A row of the tests' regression problems.</summary>
internal sealed class RegressionRow
{
    [VectorType(3)]
    public float[] Features { get; set; } = new float[3];

    public float Label { get; set; }

    [VectorType(2)]
    public float[] Plan { get; set; } = new float[2];

    public float Capacity { get; set; }

    /// <summary>
    /// Features in [−1, 1]; Label = 3a − 2b² + noise; Plan = (100 + 40a, 30 + 20b) where that fits the capacity, which it often does not.
    /// </summary>
    public static RegressionRow[] Create(int count, int seed)
    {
        var random = new Random(seed);
        float Next() => (float)((2 * random.NextDouble()) - 1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float a = Next(), b = Next(), c = Next();
            return new RegressionRow
            {
                Features = [a, b, c],
                Label = (3 * a) - (2 * b * b) + (0.2f * Next()),
                Plan = [100 + (40 * a), 30 + (20 * b)],
                Capacity = 130 + (20 * c),
            };
        })];
    }
}
