using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>Panels side by side: which arm the first network takes each place for, and the points it learned from.</summary>
internal sealed class SpiralPicture(SpiralPoints points)
{
    private const int Cells = 100;
    private const double Reach = 1.2, Panel = 240, Gap = 20, Title = 24;

    private readonly List<(string Title, bool[] Arms)> _panels = [];

    /// <summary>A panel of the first of some networks.</summary>
    public void Add(string title, SpiralNets nets)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        float[] grid = new float[Cells * Cells * 2];
        for (int i = 0; i < Cells * Cells; i++)
            (grid[2 * i], grid[(2 * i) + 1]) = (Coordinate(i % Cells), Coordinate(i / Cells));
        float[] logits = nets.call(tensor(grid, [1, Cells * Cells, 2]))[0].contiguous().data<float>().ToArray();
        _panels.Add((title, Array.ConvertAll(logits, logit => logit > 0)));
    }

    public string ToSvg()
    {
        var svg = new StringBuilder();
        double width = (_panels.Count * (Panel + Gap)) + Gap, height = Panel + (2 * Gap) + Title;
        Append(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="13">""");
        Append(svg, $"""<rect width="{width}" height="{height}" fill="white"/>""");
        for (int i = 0; i < _panels.Count; i++)
        {
            Append(svg, $"""<g transform="translate({Gap + (i * (Panel + Gap))},{Gap + Title})"><text y="-8">{_panels[i].Title}</text>""");
            Append(svg, $"""<rect width="{Panel}" height="{Panel}" fill="#f6c9a8"/>""");
            Regions(svg, _panels[i].Arms);
            Dots(svg);
            svg.AppendLine("</g>");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static float Coordinate(int cell) => (float)(Reach * (((cell + 0.5) * 2 / Cells) - 1));

    private static void Append(StringBuilder svg, FormattableString line) => svg.AppendLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Each run of cells of the second arm as one rectangle.</summary>
    private static void Regions(StringBuilder svg, bool[] arms)
    {
        const double Cell = Panel / Cells;
        for (int row = 0; row < Cells; row++)
        {
            for (int from = 0; from < Cells;)
            {
                int to = from;
                while (to < Cells && arms[(row * Cells) + to] == arms[(row * Cells) + from])
                    to++;
                if (arms[(row * Cells) + from])
                    Append(svg, $"""<rect x="{from * Cell:F1}" y="{row * Cell:F1}" width="{(to - from) * Cell:F1}" height="{Cell + 0.3:F1}" fill="#a9c7ea"/>""");
                from = to;
            }
        }
    }

    private void Dots(StringBuilder svg)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] at = points.Points[0].contiguous().data<float>().ToArray(), arm = points.Arms[0].contiguous().data<float>().ToArray();
        for (int i = 0; i < arm.Length; i++)
        {
            double x = ((at[2 * i] / Reach) + 1) * Panel / 2, y = ((at[(2 * i) + 1] / Reach) + 1) * Panel / 2;
            Append(svg, $"""<circle cx="{x:F1}" cy="{y:F1}" r="3" fill="{(arm[i] > 0 ? "#1f4e8c" : "#a84a12")}"/>""");
        }
    }
}
