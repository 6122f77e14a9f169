using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>Rows of small grey images under a title each, as an SVG file.</summary>
internal sealed class DigitSheet
{
    private const int Pixel = 6, Gap = 6, Title = 18;

    private readonly List<(string Title, float[] Images)> _rows = [];

    /// <summary>Adds a row of images of <see cref="Digits.Pixels"/> values from −1 to 1 each.</summary>
    public void Add(string title, ReadOnlySpan<float> images) => _rows.Add((title, images.ToArray()));

    public void Save(string path)
    {
        int across = 0, size = Digits.Side * Pixel;
        foreach ((_, float[] images) in _rows)
            across = Math.Max(across, images.Length / Digits.Pixels);
        int width = Gap + across * (size + Gap), rowHeight = Title + size + Gap, height = _rows.Count * rowHeight + Gap;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" shape-rendering=\"crispEdges\">");
        text.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>");
        for (int row = 0; row < _rows.Count; row++)
        {
            int top = row * rowHeight;
            text.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Gap}\" y=\"{top + Title - 5}\" font-family=\"sans-serif\" font-size=\"12\">{_rows[row].Title}</text>");
            for (int i = 0; i < _rows[row].Images.Length / Digits.Pixels; i++)
                Draw(text, _rows[row].Images.AsSpan(i * Digits.Pixels, Digits.Pixels), Gap + i * (size + Gap), top + Title);
        }

        text.AppendLine("</svg>");
        File.WriteAllText(path, text.ToString());
    }

    private static void Draw(StringBuilder text, ReadOnlySpan<float> image, int left, int top)
    {
        for (int i = 0; i < image.Length; i++)
        {
            int grey = (int)Math.Round(255 * (Math.Clamp(image[i], -1, 1) + 1) / 2), x = left + i % Digits.Side * Pixel, y = top + i / Digits.Side * Pixel;
            text.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{Pixel}\" height=\"{Pixel}\" fill=\"#{grey:x2}{grey:x2}{grey:x2}\"/>");
        }
    }
}
