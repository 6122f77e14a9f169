using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained;

/// <summary>Trains a network whose class probabilities satisfy constraints on every row.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Estimator characteristics | |
/// | -- | -- |
/// | Machine learning task | Multiclass classification |
/// | Looks at the training data | Yes; they are read once into memory |
/// | Is normalization required? | No; it has its own, see `NormalizeFeatures` |
/// | Is caching required? | No |
/// | Input | Features: a vector of `Single` of known size. Label: a key (text labels through `MapValueToKey`), or a `Single` that is 0, 1, …. A `Single` column for each `@Column` that a right-hand side refers to |
/// | Output | `Score`, a vector of `Single`: the probability of each class, in the order of the label's keys. `PredictedLabel`, a key with the label's values: the most probable class, the first of equals. Both missing where a feature is NaN or infinite |
/// | Exportable to ONNX | No |
/// | Package | Microsoft.ML.Constrained; training needs libtorch, scoring does not |
///
/// A row's probabilities p come from a softmax. They are moved to the nearest point of the set of z ≥ 0, Σz = 1 that satisfies the
/// constraints, which are over the names of the classes: bounds ("Refuse <= 0.2"), rates of several classes together against a limit of
/// the row ("A + B <= @Quota"), or implications ("A <= B": never more probable than).
///
/// **Hierarchies.** Classes exclude each other, so the probability of a parent is the sum of its classes, and no child exceeds it. Name
/// parents in `Groups` and use the names in constraints ("Mammal <= 0.5", "Cat <= 0.8 * Mammal"). For labels that do not exclude each
/// other (each its own probability, with "Child <= Parent") use `ConstrainedRegression` with a vector label of zeros and ones, and
/// bounds of 0 and 1.
///
/// In training the loss is that of the projected probabilities; see `UnprojectedLossShare` for what happens where they leave a row's
/// class nothing. Rows with NaN, infinite or missing values are left out of training, with a warning.
/// ]]></format>
/// </remarks>
/// <seealso cref="ConstrainedCatalog.ConstrainedClassification(MulticlassClassificationCatalog.MulticlassClassificationTrainers, string, string, ConstraintSet)"/>
public sealed class ConstrainedClassificationEstimator : IEstimator<ConstrainedClassificationTransformer>
{
    /// <summary>Most classes of a label that is a number.</summary>
    private const int MaxClasses = 1 << 16;

    private readonly IHost _host;
    private readonly ConstrainedClassificationOptions _options;
    private readonly int _seed;

    internal ConstrainedClassificationEstimator(IHostEnvironment environment, ConstrainedClassificationOptions options)
    {
        _host = environment.Register(ConstrainedClassificationTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        _options.Validate();
        _seed = _options.Seed ?? _host.Rand.Next();
    }

    private TrainingColumn Label => new(_options.LabelColumnName, "label", TrainingColumnKinds.Scalar | TrainingColumnKinds.Key);

    /// <summary>The columns that are read: features, label, columns of the constraints in the order that they are stated in.</summary>
    private TrainingColumn[] Columns =>
    [
        new(_options.FeatureColumnName, "feature", TrainingColumnKinds.Vector),
        Label,
        .. (_options.Constraints?.Columns ?? []).Select(c => new TrainingColumn(c, "right-hand side", TrainingColumnKinds.Scalar)),
    ];

    /// <summary>Trains a model. Neither the estimator nor its options change: fitting again gives the same model.</summary>
    /// <param name="input">The training data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    /// <exception cref="InvalidOperationException">
    /// There is no row to train on, a label is no class, the constraints name other classes than the label has, or no probabilities
    /// satisfy them (the message names a conflicting subset).
    /// </exception>
    /// <exception cref="ArgumentException">A constraint is not linear, and what the options ask for takes linear ones only.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    public ConstrainedClassificationTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        TrainingData data = TrainingData.Read(_host, input, Columns, _options.CancellationToken);
        TrainingValues label = data.Columns[1];
        ClassValues classes = label.Column.Type is KeyDataViewType ? ClassValues.Of(label.Column) : CountClasses(label.Values);
        ConstraintSet constraints = Restate(classes);
        return NetworkTransformer.PlaceOn(_options.Device, new ConstrainedClassificationTransformer(_host, Train(data, classes, constraints)));
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the training data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (TrainingColumn column in Columns)
            TrainingData.Require(inputSchema, column);
        return SchemaShapes.With(inputSchema, ClassificationStage.Promised(_options, ClassValues.Promised(TrainingData.Require(inputSchema, Label))));
    }

    /// <summary>The constraints over the classes in order, checked as far as they do not depend on the row.</summary>
    private ConstraintSet Restate(ClassValues classes)
    {
        if (classes.Names.Count < 2)
            throw new InvalidOperationException($"Label column '{_options.LabelColumnName}' has {classes.Names.Count} class; a classification needs at least 2.");
        ConstraintSet constraints = ClassConstraints.Create(_options.LabelColumnName, classes.Names, _options.Constraints, _options.Groups);
        if (constraints.Columns.Count > 0)
            return constraints;
        IReadOnlyList<string> conflict = constraints.FindConflict();
        return conflict.Count == 0 ? constraints : throw new InvalidOperationException(
            $"No class probabilities satisfy the constraints: {string.Join(", ", conflict.Select(n => $"'{n}'"))} contradict each other. Loosen or remove one of them.");
    }

    /// <summary>The classes of a label that is a number: up to the largest, or as many as the constraints name.</summary>
    private ClassValues CountClasses(float[] labels)
    {
        int count = Math.Max(2, _options.Constraints?.Variables.Count(v => _options.Groups?.ContainsKey(v) != true) ?? 0);
        foreach (float label in labels)
        {
            if (!(label >= 0 && label < MaxClasses && label == MathF.Floor(label)))
            {
                throw new InvalidOperationException(
                    $"Label column '{_options.LabelColumnName}' has the value {label.ToString(CultureInfo.InvariantCulture)}; a class is a whole number from 0 to {MaxClasses - 1}. "
                    + "Map other values with MapValueToKey.");
            }

            count = Math.Max(count, (int)label + 1);
        }

        return ClassValues.Indices(count);
    }

    private ClassificationModel Train(TrainingData data, ClassValues classes, ConstraintSet constraints)
    {
        PolyhedralParameterization? parameterization = null;
        if (_options.OutputConstraint == OutputConstraint.Parameterization && _options.IsLimited)
        {
            parameterization = new PolyhedralParameterization(constraints, null, _options.CancellationToken);
            if (parameterization.ActivationCount == 0)
                throw new InvalidOperationException("The constraints leave one set of probabilities only, the same for every row: there is nothing to train.");
        }

        using DisposeScope scope = NewDisposeScope();
        var random = new Random(_seed);
        Device device = TrainingTensors.Resolve(_options.Device, _host);
        var split = TrainingSplit.Create(data.Rows, _options.ValidationFraction, random);
        ClassificationTask.Part training = Part(data, constraints, split.Training), measured = Part(data, constraints, split.Measured);
        int width = data.Columns[0].Width;
        Scaling? scaling = _options.NormalizeFeatures ? Scaling.ToUnits(training.Features, width) : null;
        scaling?.Apply(training.Features);
        scaling?.Apply(measured.Features);
        using var module = new NetworkModule(
            NetworkShape.From(_options, width, parameterization?.ActivationCount ?? classes.Names.Count), random, device);
        using var task = new ClassificationTask(_options, module, constraints, parameterization, training, measured, device);
        TrainingSummary summary = new TrainingLoop(_options, _host, random).Run(task, split, data.SkippedRows);
        Network network = module.ToNetwork(scaling, null);
        return new ClassificationModel
        {
            FeatureColumnName = _options.FeatureColumnName,
            ScoreColumnName = _options.ScoreColumnName,
            PredictedLabelColumnName = _options.PredictedLabelColumnName,
            RawScoreColumnName = _options.RawScoreColumnName,
            Network = network,
            Classes = classes,
            Constraints = constraints,
            IsLimited = _options.IsLimited,
            OutputConstraint = _options.OutputConstraint,
            Parameterization = parameterization,
            Policy = _options.Policy,
            Diagnostics = _options.Diagnostics,
            Threads = _options.Threads,
            Training = summary.WithLipschitzBound(LipschitzBound.Of(_options, network)),
        };
    }

    /// <summary>Rows of the data; the columns of the constraints in the order of the restated ones.</summary>
    private ClassificationTask.Part Part(TrainingData data, ConstraintSet constraints, int[] rows)
    {
        float[] parameters = new float[rows.Length * constraints.Columns.Count];
        for (int j = 0; j < constraints.Columns.Count; j++)
        {
            float[] column = data.Columns[2 + Position(constraints.Columns[j])].Values;
            for (int i = 0; i < rows.Length; i++)
                parameters[(i * constraints.Columns.Count) + j] = column[rows[i]];
        }

        float[] labels = TrainingTensors.Select(data.Columns[1].Values, 1, rows);
        return new ClassificationTask.Part(
            TrainingTensors.Select(data.Columns[0].Values, data.Columns[0].Width, rows), Array.ConvertAll(labels, l => (long)l), parameters);
    }

    private int Position(string column)
    {
        IReadOnlyList<string> stated = _options.Constraints!.Columns;
        for (int i = 0; i < stated.Count; i++)
        {
            if (stated[i] == column)
                return i;
        }

        throw new InvalidOperationException($"Column '{column}' is not among those of the constraints.");
    }
}
