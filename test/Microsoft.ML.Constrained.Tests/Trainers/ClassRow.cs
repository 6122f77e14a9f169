using System;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>A row of the tests' classification problems.</summary>
internal sealed class ClassRow
{
    /// <summary>In the order of <see cref="Index"/>.</summary>
    public static readonly string[] Names = ["stone", "cat", "bird", "dog"];

    [VectorType(3)]
    public float[] Features { get; set; } = new float[3];

    public string Name { get; set; } = "";

    public float Index { get; set; }

    public int Number { get; set; }

    public float Cap { get; set; }

    /// <summary>Four classes around the corners of a square, overlapping somewhat; the third feature is noise; Cap from 0.2 to 0.8.</summary>
    public static ClassRow[] Create(int count, int seed)
    {
        var random = new Random(seed);
        float Noise() => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            int index = random.Next(4);
            return new ClassRow
            {
                Features = [(index & 1) + (0.5f * Noise()), (index >> 1) + (0.5f * Noise()), Noise()],
                Name = Names[index],
                Index = index,
                Number = 10 * (index + 1),
                Cap = (float)(0.2 + (0.6 * random.NextDouble())),
            };
        })];
    }
}
