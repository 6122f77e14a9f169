using System;
using System.Globalization;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>8 × 8 pixels between 0 and 1, and which digit they show.</summary>
internal sealed class DigitImages : IDisposable
{
    public const int Side = 8;

    private DigitImages(Tensor pixels, Tensor digits) => (Pixels, Digits) = (pixels, digits);

    public int Count => (int)Digits.shape[0];

    private Tensor Pixels { get; }

    private Tensor Digits { get; }

    /// <summary>Lines of a digit and 64 pixels from 0 to 16, after a header.</summary>
    public static DigitImages Load(string path)
    {
        const float Highest = 16;
        float[][] lines = [.. File.ReadLines(path).Skip(1).Select(line => Array.ConvertAll(line.Split(','), v => float.Parse(v, CultureInfo.InvariantCulture)))];
        float[] pixels = [.. lines.SelectMany(line => line[1..].Select(v => v / Highest))];
        return new(tensor(pixels, [lines.Length, Side * Side]), tensor(lines.Select(line => (long)line[0]).ToArray()));
    }

    /// <summary>Some of them.</summary>
    public (Tensor Pixels, Tensor Digits) Rows(int[] rows)
    {
        using Tensor index = tensor(Array.ConvertAll(rows, r => (long)r));
        return (Pixels.index_select(0, index), Digits.index_select(0, index));
    }

    public void Dispose()
    {
        Pixels.Dispose();
        Digits.Dispose();
    }
}
