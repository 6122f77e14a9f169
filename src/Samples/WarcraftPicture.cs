using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>A map with its cheapest and its predicted path, and the true and predicted costs beside it, as an SVG picture.</summary>
internal static class WarcraftPicture
{
    private const int Panel = 384, Gap = 24, Head = 40;

    /// <summary>Writes the picture.</summary>
    public static void Write(string path, WarcraftMaps maps, int map, ReadOnlySpan<float> costs, ReadOnlySpan<float> predictedPath)
    {
        int tiles = maps.Size * maps.Size;
        ReadOnlySpan<float> trueCosts = maps.Costs.AsSpan(map * tiles, tiles), truePath = maps.Paths.AsSpan(map * tiles, tiles);
        var svg = new StringBuilder();
        int width = (3 * Panel) + (4 * Gap), height = Head + Panel + Gap;
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"15\">");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>");
        AddPanel(svg, 0, "map: cheapest path white, predicted path red", Picture(maps, map), maps.Size * WarcraftMaps.Tile);
        AddPath(svg, 0, truePath, maps.Size, "white", "");
        AddPath(svg, 0, predictedPath, maps.Size, "#e01b24", " stroke-dasharray=\"9 7\"");
        AddPanel(svg, 1, "true costs", Shades(trueCosts, maps.Size), maps.Size * WarcraftMaps.Tile);
        AddPath(svg, 1, truePath, maps.Size, "white", "");
        AddPanel(svg, 2, "predicted costs (up to a factor)", Shades(costs, maps.Size), maps.Size * WarcraftMaps.Tile);
        AddPath(svg, 2, predictedPath, maps.Size, "#e01b24", " stroke-dasharray=\"9 7\"");
        svg.AppendLine("</svg>");
        File.WriteAllText(path, svg.ToString());
    }

    private static void AddPanel(StringBuilder svg, int panel, string title, byte[] pixels, int side)
    {
        int left = Gap + (panel * (Panel + Gap));
        string data = Convert.ToBase64String(PngImage.Encode(pixels, side, side));
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{left}\" y=\"26\">{title}</text>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<image x=\"{left}\" y=\"{Head}\" width=\"{Panel}\" height=\"{Panel}\" image-rendering=\"pixelated\" href=\"data:image/png;base64,{data}\"/>");
    }

    // From the first tile to the last; each has one next tile among its neighbours.
    private static void AddPath(StringBuilder svg, int panel, ReadOnlySpan<float> path, int size, string colour, string dashes)
    {
        int left = Gap + (panel * (Panel + Gap));
        double tile = (double)Panel / size;
        var visited = new bool[path.Length];
        var points = new StringBuilder();
        for (int cell = 0; cell >= 0 && path[cell] > 0; cell = Next(path, visited, cell, size))
        {
            visited[cell] = true;
            points.Append(CultureInfo.InvariantCulture, $"{left + ((cell % size) + 0.5) * tile:F1},{Head + ((cell / size) + 0.5) * tile:F1} ");
        }

        svg.AppendLine($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"5\"{dashes}/>");
    }

    private static int Next(ReadOnlySpan<float> path, bool[] visited, int cell, int size)
    {
        for (int row = Math.Max(0, (cell / size) - 1); row <= Math.Min(size - 1, (cell / size) + 1); row++)
        {
            for (int column = Math.Max(0, (cell % size) - 1); column <= Math.Min(size - 1, (cell % size) + 1); column++)
            {
                int other = (row * size) + column;
                if (path[other] > 0 && !visited[other])
                    return other;
            }
        }

        return -1;
    }

    private static byte[] Picture(WarcraftMaps maps, int map)
    {
        byte[] planes = maps.Pixels[map], pixels = new byte[planes.Length];
        int count = planes.Length / 3;
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = planes[(i % 3 * count) + (i / 3)];
        return pixels;
    }

    /// <summary>From light for the least to dark for the greatest; as many pixels as the map, for viewers that blur few ones.</summary>
    private static byte[] Shades(ReadOnlySpan<float> values, int size)
    {
        float greatest = 0;
        foreach (float value in values)
            greatest = Math.Max(greatest, value);
        int side = size * WarcraftMaps.Tile;
        var pixels = new byte[3 * side * side];
        for (int i = 0; i < side * side; i++)
        {
            double dark = values[(i / side / WarcraftMaps.Tile * size) + (i % side / WarcraftMaps.Tile)] / greatest;
            pixels[3 * i] = (byte)(235 - (205 * dark));
            pixels[(3 * i) + 1] = (byte)(225 - (165 * dark));
            pixels[(3 * i) + 2] = (byte)(190 - (80 * dark));
        }

        return pixels;
    }
}
