using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Scores rows: the network, its outputs as probabilities within the constraints, and the most probable class.</summary>
internal sealed class ClassificationStage : RowStage
{
    private const int Score = 0, PredictedLabel = 1;

    private const string TrainingLabelValuesKind = "TrainingLabelValues";

    private readonly ClassificationModel _model;
    private readonly ScoringNetwork _network;
    private readonly ClassificationHead _head;
    private readonly StageInput[] _inputs;

    public ClassificationStage(ClassificationModel model, ScoringNetwork network, ClassificationHead head)
    {
        (_model, _network, _head) = (model, network, head);
        IEnumerable<StageInput> parameters = model.Constraints.Columns.Select(c => new StageInput(c, 0, "right-hand side"));
        _inputs = [new StageInput(model.FeatureColumnName, network.InputCount, "feature"), .. parameters];
    }

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize => 1024;

    public override int Threads => _model.Threads;

    private string Name => $"classification '{_model.ScoreColumnName}'";

    private int Classes => _model.Constraints.Dimension;

    /// <summary>What an estimator promises of <see cref="DescribeOutputs"/>.</summary>
    /// <param name="options">Which columns there are.</param>
    /// <param name="item">The type that the classes' values have.</param>
    public static IEnumerable<SchemaShape.Column> Promised(ConstrainedClassificationOptions options, DataViewType item)
    {
        const SchemaShape.Column.VectorKind Vector = SchemaShape.Column.VectorKind.Vector, Scalar = SchemaShape.Column.VectorKind.Scalar;
        string score = options.ScoreColumnName;
        yield return SchemaShapes.Column(
            score, Vector, NumberDataViewType.Single, false, [.. ScoreAnnotations.Promise(slotNames: true), SchemaShapes.Column(TrainingLabelValuesKind, Vector, item)]);
        yield return SchemaShapes.Column(
            options.PredictedLabelColumnName, Scalar, NumberDataViewType.UInt32, true, [.. ScoreAnnotations.Promise(slotNames: false), SchemaShapes.Column(Annotate.KeyValuesKind, Vector, item)]);
        if (options.RawScoreColumnName is { } raw)
            yield return SchemaShapes.Column(raw, Vector, NumberDataViewType.Single, false, SchemaShapes.Column(Annotate.SlotNamesKind, Vector, TextDataViewType.Instance));
        if (options.Diagnostics)
        {
            yield return SchemaShapes.Column(
                score + "Status", Scalar, NumberDataViewType.UInt32, true, SchemaShapes.Column(Annotate.KeyValuesKind, Vector, TextDataViewType.Instance));
        }
    }

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        var probabilities = new VectorDataViewType(NumberDataViewType.Single, Classes);
        var outputs = new List<StageOutput>
        {
            new(
                _model.ScoreColumnName,
                probabilities,
                With(ScoreAnnotations.Create(input, ScoreAnnotations.Multiclass, ScoreAnnotations.Score, _model.Classes.Names), TrainingLabelValuesKind)),
            new(
                _model.PredictedLabelColumnName,
                new KeyDataViewType(typeof(uint), Classes),
                With(ScoreAnnotations.Create(input, ScoreAnnotations.Multiclass, ScoreAnnotations.PredictedLabel), Annotate.KeyValuesKind)),
        };
        if (_model.RawScoreColumnName is { } raw)
            outputs.Add(new StageOutput(raw, probabilities, Annotate.SlotNames(_model.Classes.Names)));
        if (_model.Diagnostics)
            outputs.Add(RowStatuses.Column(_model.ScoreColumnName + "Status"));
        return outputs;
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        Span<SolverStatus> statuses = scratch.Statuses.Reserve(batch);
        Span<float> scores = batch.OutputOrRoom(Score, ref scratch.Scores);
        Span<float> outputs = batch.Room(ref scratch.Outputs, _head.OutputCount);
        _network.Forward(batch.Input(0), outputs);
        Span<float> raw = _model.RawScoreColumnName is null ? [] : batch.Output(PredictedLabel + 1);
        _head.Apply(outputs, batch.Gather(1, _inputs.Length - 1, ref scratch.Parameters), scores, statuses, raw);
        Span<uint> keys = batch.Keys(PredictedLabel);
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ClassificationHead.KeyOf(scores.Slice(i * Classes, Classes));
        scratch.Statuses.Record(batch, _model.Diagnostics ? batch.Keys(batch.Wanted.Length - 1) : [], Name, _model.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, _model.Policy);

    private DataViewSchema.Annotations With(DataViewSchema.Annotations annotations, string kind)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(annotations, _ => true);
        _model.Classes.AddTo(builder, kind);
        return builder.ToAnnotations();
    }

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public float[] Outputs = [];
        public float[] Scores = [];
        public float[] Parameters = [];

        public RowStatuses Statuses { get; } = new();
    }
}
