using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Generated terrain maps. A map is a square of tiles, a tile is 8 × 8 pixels of one of five terrains, each with a hidden cost. What is
/// known of a map is its picture and its cheapest path from the top left to the bottom right tile.
/// </summary>
/// <remarks>
/// A tile's texture has mean zero, and is shifted and inverted at random, so that the mean of each single pixel says no more than the
/// colour. There are two colours for the five terrains, each with cheap and dear ones, and every tile has a brightness of its own.
/// </remarks>
internal sealed class WarcraftMaps
{
    /// <summary>Pixels along the side of a tile.</summary>
    public const int Tile = 8;

    private const int Terrains = 5;

    private WarcraftMaps(int count, int size)
    {
        Count = count;
        Size = size;
        Pixels = new byte[count][];
        Costs = new float[count * size * size];
        Paths = new float[count * size * size];
    }

    /// <summary>The terrains.</summary>
    public static string[] Names { get; } = ["meadow", "earth", "swamp", "forest", "rock"];

    /// <summary>Their hidden costs.</summary>
    public static float[] TerrainCosts { get; } = [0.8f, 1.2f, 5.3f, 7.7f, 9.2f];

    public int Count { get; }

    /// <summary>Tiles along the side of a map.</summary>
    public int Size { get; }

    /// <summary>Each map's picture: red, green and blue plane, row by row.</summary>
    public byte[][] Pixels { get; }

    /// <summary>The true costs, map after map, row by row.</summary>
    public float[] Costs { get; }

    /// <summary>The cheapest paths, 1 on their tiles, in the same layout.</summary>
    public float[] Paths { get; }

    /// <summary>Makes maps; which ones depends on the seed only.</summary>
    public static WarcraftMaps Generate(int count, int size, int seed)
    {
        var maps = new WarcraftMaps(count, size);
        Parallel.For(0, count, i => maps.Draw(i, new Random(Seed(seed, i))));
        new GridShortestPathSolver(size, size).SolveBatch(maps.Costs, maps.Paths, new SolverStatus[count]);
        return maps;
    }

    /// <summary>Copies the pictures of some maps one after the other.</summary>
    public void CopyPixels(ReadOnlySpan<int> maps, Span<byte> target)
    {
        for (int i = 0; i < maps.Length; i++)
            Pixels[maps[i]].CopyTo(target[(i * Pixels[0].Length)..]);
    }

    /// <summary>Copies the cheapest paths of some maps one after the other.</summary>
    public void CopyPaths(ReadOnlySpan<int> maps, Span<float> target)
    {
        int tiles = Size * Size;
        for (int i = 0; i < maps.Length; i++)
            Paths.AsSpan(maps[i] * tiles, tiles).CopyTo(target[(i * tiles)..]);
    }

    /// <summary>
    /// The share of other maps' tiles whose terrain is that with the nearest mean colour here: how far one gets without textures.
    /// </summary>
    public double RightByMeanColour(WarcraftMaps others)
    {
        var sums = new double[Terrains, 4];
        ForEachTile((terrain, red, green, blue) =>
        {
            sums[terrain, 0] += red;
            sums[terrain, 1] += green;
            sums[terrain, 2] += blue;
            sums[terrain, 3]++;
        });
        int right = 0, all = 0;
        others.ForEachTile((terrain, red, green, blue) =>
        {
            double Distance(int t) =>
                Math.Pow(red - (sums[t, 0] / sums[t, 3]), 2) + Math.Pow(green - (sums[t, 1] / sums[t, 3]), 2) + Math.Pow(blue - (sums[t, 2] / sums[t, 3]), 2);
            right += Enumerable.Range(0, Terrains).MinBy(Distance) == terrain ? 1 : 0;
            all++;
        });
        return (double)right / all;
    }

    private void ForEachTile(Action<int, double, double, double> action)
    {
        int side = Size * Tile;
        Span<double> mean = stackalloc double[3];
        for (int at = 0; at < Costs.Length; at++)
        {
            byte[] pixels = Pixels[at / (Size * Size)];
            int row = at % (Size * Size) / Size, column = at % Size;
            for (int part = 0; part < 3; part++)
            {
                mean[part] = 0;
                for (int i = 0; i < Tile * Tile; i++)
                    mean[part] += pixels[(((part * side) + (row * Tile) + (i / Tile)) * side) + (column * Tile) + (i % Tile)] / (double)(Tile * Tile);
            }

            action(Array.IndexOf(TerrainCosts, Costs[at]), mean[0], mean[1], mean[2]);
        }
    }

    // Neighbouring numbers as seeds must not give related maps.
    private static int Seed(int seed, int map) => unchecked((int)(((ulong)(uint)seed << 32 | (uint)map) * 0x9E3779B97F4A7C15 >> 32));

    private void Draw(int map, Random random)
    {
        int side = Size * Tile;
        byte[] pixels = Pixels[map] = new byte[3 * side * side];
        double[][] fields = [.. Enumerable.Range(0, Terrains).Select(_ => SmoothField(random))];
        var texture = new double[Tile * Tile];
        for (int row = 0; row < Size; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                int cell = (row * Size) + column, terrain = 0;
                for (int t = 1; t < Terrains; t++)
                    terrain = fields[t][cell] > fields[terrain][cell] ? t : terrain;
                Costs[(map * Size * Size) + cell] = TerrainCosts[terrain];
                DrawTexture(terrain, texture, random);
                Paint(pixels, side, row * Tile, column * Tile, texture, Colour(terrain, random));
            }
        }
    }

    /// <summary>Random numbers at every third tile, blended between, and a little at every tile: patches of a few tiles.</summary>
    private double[] SmoothField(Random random)
    {
        const int Spacing = 3;
        int knots = (Size / Spacing) + 2;
        double[] coarse = [.. Enumerable.Range(0, knots * knots).Select(_ => random.NextDouble())], field = new double[Size * Size];
        double shiftX = random.NextDouble(), shiftY = random.NextDouble();
        for (int row = 0; row < Size; row++)
        {
            for (int column = 0; column < Size; column++)
            {
                double y = ((double)row / Spacing) + shiftY, x = ((double)column / Spacing) + shiftX;
                int i = (int)y, j = (int)x;
                double v = y - i, u = x - j;
                double top = ((1 - u) * coarse[(i * knots) + j]) + (u * coarse[(i * knots) + Math.Min(j + 1, knots - 1)]);
                int below = Math.Min(i + 1, knots - 1);
                double bottom = ((1 - u) * coarse[(below * knots) + j]) + (u * coarse[(below * knots) + Math.Min(j + 1, knots - 1)]);
                field[(row * Size) + column] = ((1 - v) * top) + (v * bottom) + (0.35 * random.NextDouble());
            }
        }

        return field;
    }

    private static void DrawTexture(int terrain, double[] texture, Random random)
    {
        int shiftX = random.Next(Tile), shiftY = random.Next(Tile);
        double sign = random.Next(2) == 0 ? 1 : -1, strength = 28 + (20 * random.NextDouble());
        for (int y = 0; y < Tile; y++)
        {
            for (int x = 0; x < Tile; x++)
            {
                int u = (x + shiftX) % Tile, v = (y + shiftY) % Tile;
                double pattern = terrain switch
                {
                    0 => (2 * random.NextDouble()) - 1,
                    1 => Math.Sin(2 * Math.PI * (u + v) / Tile),
                    2 => v % 4 < 2 ? 1 : -1,
                    3 => u % 4 < 2 && v % 4 < 2 ? 1.5 : -0.5,
                    _ => (u + v) % 4 < 2 ? 1 : -1,
                };
                texture[(y * Tile) + x] = (sign * strength * pattern) + (16 * (random.NextDouble() - 0.5));
            }
        }

        double mean = texture.Average();
        for (int i = 0; i < texture.Length; i++)
            texture[i] -= mean;
    }

    /// <summary>Green for meadow, swamp and forest, brown for earth and rock, brighter or darker.</summary>
    private static (double Red, double Green, double Blue) Colour(int terrain, Random random)
    {
        double light = 0.8 + (0.4 * random.NextDouble());
        return terrain is 1 or 4 ? (150 * light, 125 * light, 95 * light) : (95 * light, 145 * light, 90 * light);
    }

    private static void Paint(byte[] pixels, int side, int top, int left, double[] texture, (double Red, double Green, double Blue) colour)
    {
        ReadOnlySpan<double> parts = [colour.Red, colour.Green, colour.Blue];
        for (int part = 0; part < 3; part++)
        {
            for (int i = 0; i < texture.Length; i++)
            {
                int at = (((part * side) + top + (i / Tile)) * side) + left + (i % Tile);
                pixels[at] = (byte)Math.Clamp(parts[part] + texture[i], 0, 255);
            }
        }
    }
}
