using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Points of two spirals: the arm k ∈ {0, 1} at t uniform in (0, 1) is ρ(cos φ, sin φ) with ρ = 0.1 + 0.9t and φ = 2π·turns·√t + kπ, plus normal
/// noise on both coordinates.
/// </summary>
internal sealed class SpiralPoints : IDisposable
{
    public const double Turns = 1.75;

    private SpiralPoints(Tensor points, Tensor arms) => (Points, Arms) = (points, arms);

    /// <summary>Seeds × points × 2.</summary>
    public Tensor Points { get; }

    /// <summary>Seeds × points: 0 or 1.</summary>
    public Tensor Arms { get; }

    public static SpiralPoints Generate(int[] seeds, int count, double noise)
    {
        float[] points = new float[seeds.Length * count * 2], arms = new float[seeds.Length * count];
        for (int s = 0; s < seeds.Length; s++)
        {
            var random = new Random(seeds[s]);
            for (int i = 0; i < count; i++)
            {
                int arm = i % 2, at = (s * count) + i;
                double t = random.NextDouble(), radius = 0.1 + (0.9 * t), angle = (2 * Math.PI * Turns * Math.Sqrt(t)) + (arm * Math.PI);
                double size = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), turn = 2 * Math.PI * random.NextDouble();
                points[2 * at] = (float)((radius * Math.Cos(angle)) + (noise * size * Math.Cos(turn)));
                points[(2 * at) + 1] = (float)((radius * Math.Sin(angle)) + (noise * size * Math.Sin(turn)));
                arms[at] = arm;
            }
        }

        return new(tensor(points, [seeds.Length, count, 2]), tensor(arms, [seeds.Length, count]));
    }

    public void Dispose()
    {
        Points.Dispose();
        Arms.Dispose();
    }
}
