using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Which features' effects have a prescribed shape.</summary>
/// <param name="Sign">For each feature: 1 where the output must not fall with it, −1 where it must not rise, 0 otherwise.</param>
/// <param name="Convex">For each feature, whether the output is convex in it and the other convex ones together.</param>
internal sealed record FeatureShapes(int[] Sign, bool[] Convex)
{
    /// <summary>Features with a shape, in order.</summary>
    public int[] Shaped => [.. Enumerable.Range(0, Sign.Length).Where(i => Sign[i] != 0 || Convex[i])];

    /// <summary>Features without.</summary>
    public int[] Free => [.. Enumerable.Range(0, Sign.Length).Where(i => Sign[i] == 0 && !Convex[i])];

    /// <summary>Finds the features that options name.</summary>
    /// <exception cref="ArgumentException">There is no such feature, or one is to rise and to fall; the message names it.</exception>
    public static FeatureShapes Find(ConstrainedRegressionOptions options, DataViewSchema.Column features, int count)
    {
        IReadOnlyList<string> names = Annotate.SlotNamesOf(features, [.. Enumerable.Repeat("", count)]);
        int[] sign = new int[count];
        bool[] convex = new bool[count];
        foreach (string name in options.IncreasingFeatures ?? [])
            sign[IndexOf(name, names, nameof(options.IncreasingFeatures), features.Name)] = 1;
        foreach (string name in options.DecreasingFeatures ?? [])
        {
            int index = IndexOf(name, names, nameof(options.DecreasingFeatures), features.Name);
            if (sign[index] > 0)
            {
                throw new ArgumentException(
                    $"Feature '{name}' is in both '{nameof(options.IncreasingFeatures)}' and '{nameof(options.DecreasingFeatures)}'; leave it out of the feature column if it is to have no effect.",
                    nameof(options));
            }

            sign[index] = -1;
        }

        foreach (string name in options.ConvexFeatures ?? [])
            convex[IndexOf(name, names, nameof(options.ConvexFeatures), features.Name)] = true;
        return new FeatureShapes(sign, convex);
    }

    private static int IndexOf(string name, IReadOnlyList<string> names, string option, string column)
    {
        int found = -1;
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] != name || name.Length == 0)
                continue;
            if (found >= 0)
                throw new ArgumentException($"'{option}' names the feature '{name}', but slots {found} and {i} of column '{column}' both have that name. Give the slot's index instead.", option);
            found = i;
        }

        if (found >= 0)
            return found;
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < names.Count)
            return index;
        throw new ArgumentException(
            $"'{option}' names the feature '{name}', but column '{column}' has no slot of that name, nor is it an index below {names.Count}.", option);
    }
}
