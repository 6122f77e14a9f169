using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How often rows of each class (first index) were taken for each class (second index).</summary>
public sealed class ConfusionMatrix
{
    private readonly IReadOnlyList<ReadOnlyMemory<char>> _names;
    private readonly bool _isBinary;
    private string _formatted;

    /// <summary>Of the rows taken for a class, the share that belongs to it; 0 when there is none.</summary>
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>Of the rows of a class, the share that was taken for it; 0 when there is none.</summary>
    public IReadOnlyList<double> PerClassRecall { get; }

    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }
    public int NumberOfClasses { get; }

    internal ConfusionMatrix(double[][] counts, IReadOnlyList<ReadOnlyMemory<char>> names, bool isBinary)
    {
        _names = names;
        _isBinary = isBinary;
        NumberOfClasses = counts.Length;
        Counts = counts.Select(row => (IReadOnlyList<double>)row.ToImmutableArray()).ToImmutableArray();
        PerClassPrecision = counts.Select((row, i) => Share(row[i], counts.Sum(r => r[i]))).ToImmutableArray();
        PerClassRecall = counts.Select((row, i) => Share(row[i], row.Sum())).ToImmutableArray();
    }

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;

    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        CheckIndex(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        CheckIndex(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    private void CheckIndex(int index, string name) =>
        Contracts.CheckParam(index >= 0 && index < NumberOfClasses, name,
            "Invalid index. Should be non-negative, less than the number of classes.");

    /// <summary>The counts as a table with a row for each true class, its recall, and the precisions below.</summary>
    public string GetFormattedConfusionTable() => _formatted ??= Format();

    private string Format()
    {
        int width = NumberOfClasses == 2 ? 8 : 5;
        int longest = _names.Max(n => n.Length);
        bool numbered = longest > width;
        int digits = (NumberOfClasses - 1).ToString().Length;
        int rowWidth = Math.Max(9, numbered ? longest + digits + 2 : longest);
        string pad = new string(' ', rowWidth - 9);
        string rule = string.Concat(Enumerable.Repeat(NumberOfClasses > 2 ? "========" : "===========", NumberOfClasses));
        var text = new StringBuilder();
        if (_isBinary && NumberOfClasses == 2)
        {
            double positives = Counts[0].Sum(), negatives = Counts[1].Sum();
            text.Append($"TEST {_names[0].ToString().ToUpper()} RATIO:\t{positives / (positives + negatives):N4} ")
                .Append($"({positives:F1}/({positives:F1}+{negatives:F1}))");
        }
        text.AppendLine().AppendLine("Confusion table");
        text.Append("          ").Append(pad).Append("||").AppendLine(rule);
        text.Append("PREDICTED ").Append(pad).Append("||");
        for (int i = 0; i < NumberOfClasses; i++)
            text.Append(' ').Append((numbered ? i.ToString() : _names[i].ToString()).PadLeft(width)).Append(" |");
        text.AppendLine(" Recall");
        text.Append("TRUTH     ").Append(pad).Append("||").AppendLine(rule);
        for (int i = 0; i < NumberOfClasses; i++)
        {
            string name = _names[i].ToString();
            text.Append(numbered ? i.ToString().PadLeft(digits) + ". " + name.PadLeft(rowWidth - digits - 2) : name.PadLeft(rowWidth))
                .Append(" ||");
            foreach (double count in Counts[i])
                text.Append(' ').Append(count.ToString("N0").PadLeft(width)).Append(" |");
            text.Append(' ').AppendLine(PerClassRecall[i].ToString("F4").PadLeft(5));
        }
        text.Append("          ").Append(pad).Append("||").AppendLine(rule);
        text.Append("Precision ").Append(pad).Append("||");
        foreach (double precision in PerClassPrecision)
            text.Append(precision.ToString("N4").PadLeft(width + 1)).Append(" |");
        return text.AppendLine().ToString();
    }
}
