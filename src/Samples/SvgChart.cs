using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>Curves over equally spaced steps as an SVG picture.</summary>
internal static class SvgChart
{
    private const int Width = 720, Height = 440, Left = 70, Right = 160, Top = 44, Bottom = 50;

    private static readonly string[] s_colours = ["#1b6ca8", "#d1495b", "#3a7d44", "#b8860b", "#6a4c93", "#555555"];

    /// <summary>Writes the picture.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="title">Above it.</param>
    /// <param name="horizontal">Below the horizontal axis, which counts the steps from 1.</param>
    /// <param name="vertical">Beside the vertical axis.</param>
    /// <param name="series">Names and values.</param>
    public static void Write(
        string path, string title, string horizontal, string vertical, IReadOnlyList<(string Name, double[] Values)> series)
    {
        double low = series.Min(s => s.Values.Min()), high = series.Max(s => s.Values.Max());
        double step = RoundStep((high - low) / 6);
        low = Math.Floor(low / step) * step;
        high = Math.Ceiling(high / step) * step;
        int steps = series.Max(s => s.Values.Length);
        double X(double at) => Left + ((Width - Left - Right) * (at - 1) / Math.Max(1, steps - 1));
        double Y(double value) => Height - Bottom - ((Height - Top - Bottom) * (value - low) / (high - low));
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"13\">");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/><text x=\"{Left}\" y=\"24\" font-size=\"16\">{title}</text>");
        for (double value = low; value < high + (step / 2); value += step)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):F1}\" y2=\"{Y(value):F1}\" stroke=\"#dddddd\"/>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{Y(value) + 4:F1}\" text-anchor=\"end\">{value:0.###}</text>");
        }

        int every = Math.Max(1, (int)RoundStep(steps / 8.0));
        for (int at = every; at <= steps; at += every)
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{X(at):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{at}</text>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 10}\" text-anchor=\"middle\">{horizontal}</text>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text transform=\"translate(18 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{vertical}</text>");
        for (int s = 0; s < series.Count; s++)
        {
            string points = string.Join(' ', series[s].Values.Select((value, i) => FormattableString.Invariant($"{X(i + 1):F1},{Y(value):F1}")));
            string colour = s_colours[s % s_colours.Length];
            svg.AppendLine($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            int y = Top + 16 + (22 * s);
            svg.AppendLine(CultureInfo.InvariantCulture, $"<line x1=\"{Width - Right + 14}\" x2=\"{Width - Right + 38}\" y1=\"{y - 4}\" y2=\"{y - 4}\" stroke=\"{colour}\" stroke-width=\"3\"/>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right + 44}\" y=\"{y}\">{series[s].Name}</text>");
        }

        svg.AppendLine("</svg>");
        File.WriteAllText(path, svg.ToString());
    }

    /// <summary>1, 2 or 5 times a power of ten, at least the value.</summary>
    private static double RoundStep(double value)
    {
        if (!(value > 0))
            return 1;
        double power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return power * (value <= power ? 1 : value <= 2 * power ? 2 : value <= 5 * power ? 5 : 10);
    }
}
