using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.TorchSharp;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// A projection behind a text classifier: the classifier's scores become class probabilities that respect what is known of
/// each text's coarse label. Needs the real packages, a native TorchSharp library, and the pretrained model that
/// Microsoft.ML.TorchSharp downloads on first use.
/// </summary>
internal static class TextHierarchy
{
    private static readonly (string Text, string Class)[] s_examples =
    [
        ("the striker scored in extra time", "football"), ("the keeper saved a late penalty", "football"),
        ("a red card changed the match", "football"), ("she served two aces in the final set", "tennis"),
        ("the tie break went to the champion", "tennis"), ("a backhand winner on match point", "tennis"),
        ("parliament passed the budget", "politics"), ("the minister resigned on monday", "politics"),
        ("voters go to the polls in spring", "politics"), ("the central bank raised its rate", "economy"),
        ("inflation slowed for a third month", "economy"), ("exports fell as the currency rose", "economy"),
    ];

    public static void Run(string[] args) => Example();

    public static void Example()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView data = mlContext.Data.LoadFromEnumerable(
            s_examples.Select(e => new Article { Text = e.Text, Class = e.Class, Sports = e.Class is "football" or "tennis" ? 1 : 0 }));
        ITransformer classifier;
        try
        {
            classifier = mlContext.Transforms.Conversion.MapValueToKey("Label", nameof(Article.Class))
                .Append(mlContext.MulticlassClassification.Trainers.TextClassification(
                    labelColumnName: "Label", sentence1ColumnName: nameof(Article.Text), batchSize: 4, maxEpochs: 3))
                .Fit(data);
        }
        catch (Exception e) when (e is System.Net.Http.HttpRequestException or TypeInitializationException or DllNotFoundException or NotSupportedException or System.IO.IOException)
        {
            Console.WriteLine($"The classifier cannot be trained here ({e.GetType().Name}: {e.Message}); it needs a native TorchSharp library and its pretrained model.");
            return;
        }

        IDataView scored = classifier.Transform(data);
        string[] classes = ClassNames(scored);

        // One probability for each class; those of the sports classes together are what is known of the text.
        ConstraintSet hierarchy = ConstraintSet.Over(classes).Simplex().Linear("sports", "football + tennis = @Sports");
        IDataView constrained = mlContext.Transforms.ConstrainedProjection("Probabilities", "Score", hierarchy).Fit(scored).Transform(scored);
        Console.WriteLine(string.Join("  ", classes.Select(c => c.PadLeft(9))));
        foreach (Classified row in mlContext.Data.CreateEnumerable<Classified>(constrained, reuseRowObject: false))
            Console.WriteLine(string.Join("  ", row.Probabilities.Select(p => FormattableString.Invariant($"{p,9:F3}"))) + "  " + row.Text);
    }

    private static string[] ClassNames(IDataView scored)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Label"].GetKeyValues(ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }

    private sealed class Article
    {
        public string Text { get; set; } = "";

        public string Class { get; set; } = "";

        /// <summary>1 where the text is known to be about sports, 0 where it is known not to be.</summary>
        public float Sports { get; set; }
    }

    private sealed class Classified
    {
        public string Text { get; set; } = "";

        public float[] Probabilities { get; set; } = [];
    }
}
