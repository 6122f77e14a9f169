using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Learns the costs that make a solver decide well: features to costs by a network, costs to decisions by the solver, trained on the best
/// decisions or on true costs.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// | Trainer characteristics | |
/// | -- | -- |
/// | Task | Costs whose best decision is right |
/// | Label | A vector of `Single` of the solver's dimension: best decisions, or true costs |
/// | Features | A vector of `Single` of known size; an image on request |
/// | Output | `Score`, the costs, and `Decision`, both vectors of `Single` with slot names; status and total cost on request |
/// | Normalisation | Built in |
/// | Needs libtorch | To train, not to score |
/// | Exportable to ONNX | No |
/// | Package | Microsoft.ML.Constrained |
///
/// A solver's derivative is zero wherever it exists. What takes its place is a choice: the identity (Sahoo et al. 2023), the interpolation
/// (Vlastelica et al. 2020), perturbed solvers (Berthet et al. 2020), implicit maximum likelihood (Niepert et al. 2021), or a loss that
/// needs none, Fenchel–Young or SPO+ (Elmachtoub and Grigas 2022). The state with the lowest relative regret on the validation rows is
/// kept (with the lowest mean regret where every best decision costs nothing, with the fewest differing entries where true costs are unknown).
/// ]]></format>
/// </remarks>
/// <seealso cref="DecisionFocusedOptions"/>
public sealed class DecisionFocusedTrainer : IEstimator<DecisionFocusedTransformer>
{
    /// <summary>The column that receives the costs.</summary>
    internal const string ScoreColumnName = "Score";

    private readonly IHost _host;
    private readonly DecisionFocusedOptions _options;
    private readonly ICombinatorialSolver _solver;
    private readonly int _seed;

    internal DecisionFocusedTrainer(IHostEnvironment environment, DecisionFocusedOptions options)
    {
        _host = environment.Register(DecisionFocusedTransformer.LoaderSignature);
        _options = Check.NotNull(options, nameof(options)).Copy();
        _solver = _options.Validate();
        _seed = _options.Seed ?? _host.Rand.Next();
    }

    private TrainingColumn FeatureColumn => new(_options.FeatureColumnName, "feature", TrainingColumnKinds.Vector);

    private TrainingColumn LabelColumn => new(_options.LabelColumnName, "label", TrainingColumnKinds.Vector);

    /// <summary>Trains a model.</summary>
    /// <param name="input">The training data. Rows with a NaN or an infinity, or with costs that the solver does not take, are left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type or size; the message names it.</exception>
    /// <exception cref="InvalidOperationException">There is no row to learn from, or the loss was not finite from the start.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    public DecisionFocusedTransformer Fit(IDataView input)
    {
        Check.NotNull(input, nameof(input));
        TrainingData data = TrainingData.Read(_host, input, [FeatureColumn, LabelColumn], _options.CancellationToken);
        TrainingValues features = data.Columns[0], labels = data.Columns[1];
        CheckWidths(features, labels);
        var random = new Random(_seed);
        DecisionSource source = DecisionSource.Create(_host, _options, features, labels);
        TrainingSplit split = TrainingSplit.Create(source.Rows, _options.ValidationFraction, random);
        DecisionPlan plan = source.Plan(split, _options);

        using DisposeScope scope = NewDisposeScope();
        Device device = TrainingTensors.Resolve(_options.Device, _host);
        using var module = new NetworkModule(ShapeOf(features.Width), random, device);
        var task = new DecisionTask(_options, module, plan.Training, plan.Measured, plan.TrainingOutput, (ulong)random.NextInt64(), device);
        TrainingSummary training = new TrainingLoop(_options, _host, random).Run(task, split, data.SkippedRows + data.Rows - source.Rows);
        string[] names = [.. Annotate.SlotNamesOf(labels.Column, [.. Enumerable.Range(0, _solver.Dimension).Select(i => "y" + i)])];
        var settings = new DecisionFocusedSettings(
            _options.FeatureColumnName, _options.DecisionColumnName, names, _options.Policy, _options.Diagnostics, _options.ScoringBatchSize, _options.Threads);
        return NetworkTransformer.PlaceOn(_options.Device, new DecisionFocusedTransformer(_host, settings, plan.Export(module, _options), _solver, training));
    }

    /// <summary>The shape of the fitted transformer's output.</summary>
    /// <param name="inputSchema">The shape of the training data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        TrainingData.Require(inputSchema, FeatureColumn);
        TrainingData.Require(inputSchema, LabelColumn);
        return SchemaShapes.With(inputSchema, Promised());
    }

    private IEnumerable<SchemaShape.Column> Promised()
    {
        const SchemaShape.Column.VectorKind Vector = SchemaShape.Column.VectorKind.Vector, Scalar = SchemaShape.Column.VectorKind.Scalar;
        string name = _options.DecisionColumnName;
        yield return SchemaShapes.Column(ScoreColumnName, Vector, NumberDataViewType.Single, isKey: false, ScoreAnnotations.Promise(slotNames: true));
        SchemaShape.Column slots = SchemaShapes.Column(Annotate.SlotNamesKind, Vector, TextDataViewType.Instance);
        yield return SchemaShapes.Column(name, Vector, NumberDataViewType.Single, isKey: false, slots);
        if (!_options.Diagnostics)
            yield break;
        SchemaShape.Column keys = SchemaShapes.Column(Annotate.KeyValuesKind, Vector, TextDataViewType.Instance);
        yield return SchemaShapes.Column(name + "Status", Scalar, NumberDataViewType.UInt32, isKey: true, keys);
        yield return SchemaShapes.Column(name + "Objective", Scalar, NumberDataViewType.Single);
    }

    private void CheckWidths(TrainingValues features, TrainingValues labels)
    {
        if (labels.Width != _solver.Dimension)
        {
            throw new ArgumentOutOfRangeException(
                "input", $"Schema mismatch for label column '{_options.LabelColumnName}': expected Vector<Single, {_solver.Dimension}>, got {labels.Column.Type}");
        }

        if (_options.Image is { } image && features.Width != image.Shape.Count)
        {
            throw new ArgumentOutOfRangeException(
                "input",
                $"Schema mismatch for feature column '{_options.FeatureColumnName}': expected Vector<Single, {image.Shape.Count}>, an image of "
                + $"{image.Channels} × {image.Height} × {image.Width}, got {features.Column.Type}");
        }
    }

    private NetworkShape ShapeOf(int inputs)
    {
        NetworkShape shape = NetworkShape.From(_options, inputs, _solver.Dimension);
        return _options.Image is not { } image
            ? shape
            : shape with
            {
                Image = image.Shape,
                Convolutions = [.. image.Convolutions.Select(c => new ConvolutionBlock(c.Channels, c.Kernel, c.Stride, c.Padding, c.Pool))],
                PerPlace = image.CostPerPlace,
            };
    }
}
