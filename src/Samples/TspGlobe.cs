using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>A made-up globe: countries with a flag and a capital somewhere on the unit sphere, and examples of shortest round trips.</summary>
internal sealed class TspGlobe
{
    /// <summary>Pixels of a flag.</summary>
    public const int Height = 12, Width = 16;

    private static readonly (float Red, float Green, float Blue)[] s_colours =
        [(0.8f, 0.1f, 0.15f), (0, 0.2f, 0.6f), (1, 1, 1), (1, 0.8f, 0), (0, 0.5f, 0.25f), (0.05f, 0.05f, 0.05f), (0.4f, 0.7f, 1)];

    private readonly double[][] _capitals;

    public TspGlobe(int countries, Random random)
    {
        _capitals = new double[countries][];
        Flags = new float[countries * 3 * Height * Width];
        var seen = new HashSet<string>();
        for (int i = 0; i < countries; i++)
        {
            _capitals[i] = Direction(random);
            Span<float> flag = Flags.AsSpan(i * 3 * Height * Width, 3 * Height * Width);
            do
                DrawFlag(flag, random);
            while (!seen.Add(string.Join(' ', flag.ToArray())));
        }
    }

    public int Countries => _capitals.Length;

    /// <summary>All flags: red, green and blue plane of each, row by row.</summary>
    public float[] Flags { get; }

    /// <summary>Draws examples: some countries each, and the shortest tour through their capitals as an adjacency matrix.</summary>
    public (long[] Countries, float[] Tours) Examples(int count, int cities, Random random)
    {
        var chosen = new long[count * cities];
        var costs = new double[count * cities * cities];
        int[] all = new int[Countries];
        for (int i = 0; i < all.Length; i++)
            all[i] = i;
        for (int row = 0; row < count; row++)
        {
            for (int k = 0; k < cities; k++)
            {
                int other = random.Next(k, all.Length);
                (all[k], all[other]) = (all[other], all[k]);
                chosen[(row * cities) + k] = all[k];
            }

            for (int i = 0; i < cities * cities; i++)
                costs[(row * cities * cities) + i] = Distance(_capitals[all[i / cities]], _capitals[all[i % cities]]);
        }

        var tours = new float[costs.Length];
        new TravelingSalesmanSolver(cities).SolveBatch(costs, tours, new SolverStatus[count]);
        return (chosen, tours);
    }

    private static double Distance(double[] p, double[] q) =>
        Math.Sqrt(((p[0] - q[0]) * (p[0] - q[0])) + ((p[1] - q[1]) * (p[1] - q[1])) + ((p[2] - q[2]) * (p[2] - q[2])));

    /// <summary>Evenly spread over the sphere.</summary>
    private static double[] Direction(Random random)
    {
        double z = (2 * random.NextDouble()) - 1, angle = 2 * Math.PI * random.NextDouble(), r = Math.Sqrt(1 - (z * z));
        return [r * Math.Cos(angle), r * Math.Sin(angle), z];
    }

    /// <summary>Two or three stripes across or down, on some flags with a disc, a cross or a corner.</summary>
    private static void DrawFlag(Span<float> flag, Random random)
    {
        int stripes = random.Next(2, 4), sign = random.Next(4);
        bool across = random.Next(2) == 0;
        Span<int> colours = stackalloc int[4];
        foreach (ref int colour in colours)
            colour = random.Next(s_colours.Length);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                int stripe = across ? y * stripes / Height : x * stripes / Width;
                double dy = y + 0.5 - (Height / 2.0), dx = x + 0.5 - (Width / 2.0);
                bool drawn = sign switch
                {
                    0 => (dx * dx) + (dy * dy) < 14,
                    1 => Math.Abs(dx) < 1.5 || Math.Abs(dy) < 1.5,
                    2 => y < Height / 2 && x < Width / 2,
                    _ => false,
                };
                (float red, float green, float blue) = s_colours[colours[drawn ? 3 : stripe]];
                int at = (y * Width) + x;
                flag[at] = red;
                flag[(Height * Width) + at] = green;
                flag[(2 * Height * Width) + at] = blue;
            }
        }
    }
}
