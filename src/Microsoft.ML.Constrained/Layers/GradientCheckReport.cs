using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What <see cref="GradientCheck"/> found.</summary>
/// <param name="Entries">One for each input and parameter.</param>
public sealed record GradientCheckReport(IReadOnlyList<GradientCheckEntry> Entries)
{
    /// <summary>Whether all passed.</summary>
    public bool Passed => Entries.All(entry => entry.Passed);

    /// <summary>The largest relative error.</summary>
    public double MaxRelativeError => Entries.Count == 0 ? 0 : Entries.Max(entry => entry.MaxRelativeError);

    /// <summary>A table with one line for each input and parameter.</summary>
    /// <returns>The table.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (GradientCheckEntry entry in Entries)
        {
            string index = string.Join(", ", entry.WorstIndex);
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{(entry.Passed ? "ok  " : "FAIL")} {entry.Name}: relative error {entry.MaxRelativeError:g3}, absolute {entry.MaxAbsoluteError:g3} over {entry.Checked} elements; worst at [{index}]: analytic {entry.Analytic:g9}, numeric {entry.Numeric:g9}");
        }

        return text.ToString();
    }
}
