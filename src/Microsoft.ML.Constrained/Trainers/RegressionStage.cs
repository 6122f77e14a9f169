using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Projections;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Scores rows: the network, then the constraints.</summary>
internal sealed class RegressionStage : RowStage
{
    private const int Score = 0;

    private readonly RegressionModel _model;
    private readonly ScoringNetwork _network;
    private readonly Projector? _projector;
    private readonly DifferentiableProjection? _differentiable;
    private readonly StageInput[] _inputs;

    /// <summary>Where these stand among the outputs; −1 for not at all.</summary>
    private readonly int _raw, _status;

    public RegressionStage(RegressionModel model, ScoringNetwork network, Projector? projector)
    {
        (_model, _network, _projector) = (model, network, projector);
        if (model.Constraints is not null && model.OutputConstraint == OutputConstraint.DifferentiableProjection)
            _differentiable = new DifferentiableProjection(model.Constraints, ConstrainedRegressionOptions.ToDifferentiable(model.Sweeps));
        _raw = model.RawScoreColumnName is null ? -1 : 1;
        _status = model.Diagnostics ? Math.Max(_raw, Score) + 1 : -1;
        IEnumerable<StageInput> parameters = (model.Constraints?.Columns ?? []).Select(c => new StageInput(c, 0, "right-hand side"));
        _inputs = [new StageInput(model.FeatureColumnName, network.InputCount, "feature"), .. parameters];
    }

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize => 1024;

    public override int Threads => _model.Threads;

    private string Name => $"regression '{_model.ScoreColumnName}'";

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        DataViewType type = _model.SlotNames is null ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, _model.ScoreCount);
        string kind = _model.SlotNames is null ? ScoreAnnotations.Regression : ScoreAnnotations.MultiOutputRegression;
        DataViewSchema.Annotations annotations = ScoreAnnotations.Create(input, kind, ScoreAnnotations.Score, _model.SlotNames);
        var outputs = new List<StageOutput> { new(_model.ScoreColumnName, type, annotations) };
        if (_model.RawScoreColumnName is { } raw)
            outputs.Add(new(raw, type, _model.SlotNames is null ? DataViewSchema.Annotations.Empty : Annotate.SlotNames(_model.SlotNames)));
        if (_model.Diagnostics)
            outputs.Add(RowStatuses.Column(_model.ScoreColumnName + "Status"));
        return outputs;
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        Span<SolverStatus> statuses = scratch.Statuses.Reserve(batch);
        int width = _model.ScoreCount, count = batch.Rows * width;
        Span<float> scores = batch.OutputOrRoom(Score, ref scratch.Scores);
        Span<float> outputs = batch.Room(ref scratch.Outputs, _network.OutputCount);
        _network.Forward(batch.Input(0), outputs);
        if (_raw >= 0)
            outputs.CopyTo(batch.Output(_raw).IsEmpty ? outputs : batch.Output(_raw));
        if (_model.Parameterization is { } parameterization)
        {
            parameterization.Map(outputs, scores[..count], statuses, _model.Threads);
        }
        else if (_projector is null)
        {
            outputs.CopyTo(scores);
            for (int i = 0; i < batch.Rows; i++)
                statuses[i] = Judge(scores.Slice(i * width, width));
        }
        else
        {
            ReadOnlySpan<float> parameters = batch.Gather(1, _inputs.Length - 1, ref scratch.Parameters);
            if (_differentiable is null)
                _projector.Project(outputs, parameters, scores[..count], statuses);
            else
                Project(batch, outputs, parameters, scores, statuses, scratch);
        }

        if (_model.Levels.Length > 1)
            QuantileOrder.Restore(scores[..count], width, statuses);
        scratch.Statuses.Record(batch, _status >= 0 ? batch.Keys(_status) : [], Name, _model.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, _model.Policy);

    /// <summary>A score that is not finite is missing as a whole: there is no other one to keep.</summary>
    private static SolverStatus Judge(Span<float> score)
    {
        foreach (float value in score)
        {
            if (float.IsFinite(value))
                continue;
            score.Fill(float.NaN);
            return SolverStatus.InvalidInput;
        }

        return SolverStatus.Solved;
    }

    /// <summary>Sweeps as in training, then the exact projection.</summary>
    private void Project(
        StageBatch batch, ReadOnlySpan<float> outputs, ReadOnlySpan<float> parameters, Span<float> scores, Span<SolverStatus> statuses, Scratch scratch)
    {
        int width = _model.ScoreCount, count = _inputs.Length - 1;
        Span<float> moved = batch.Room(ref scratch.Moved, width);
        outputs.CopyTo(moved);
        Move(moved, parameters, scratch);
        _projector!.Project(moved, parameters, scores[..moved.Length], statuses);
        for (int i = 0; i < batch.Rows; i++)
        {
            // What becomes of a row without a solution is about what the network gave, not about where sweeps went.
            if (statuses[i] != SolverStatus.Solved)
                _projector.Project(outputs.Slice(i * width, width), parameters.Slice(i * count, count), scores.Slice(i * width, width), statuses.Slice(i, 1));
        }
    }

    /// <summary>Moves rows as in training, before the exact projection takes away what that leaves.</summary>
    private void Move(Span<float> outputs, ReadOnlySpan<float> parameters, Scratch scratch)
    {
        DifferentiableProjection.Workspace workspace = scratch.Workspace ??= new DifferentiableProjection.Workspace(_differentiable!);
        int width = _model.ScoreCount, count = _inputs.Length - 1;
        double[] row = scratch.Row.Length == width ? scratch.Row : scratch.Row = new double[width];
        double[] limits = scratch.Limits.Length == count ? scratch.Limits : scratch.Limits = new double[count];
        for (int i = 0; i < outputs.Length / width; i++)
        {
            Span<float> output = outputs.Slice(i * width, width);
            for (int j = 0; j < width; j++)
                row[j] = output[j];
            for (int j = 0; j < count; j++)
                limits[j] = parameters[(i * count) + j];
            _differentiable!.Project(row, limits, row, workspace);
            for (int j = 0; j < width; j++)
                output[j] = (float)row[j];
        }
    }

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public float[] Outputs = [];
        public float[] Moved = [];
        public float[] Scores = [];
        public float[] Parameters = [];
        public double[] Row = [];
        public double[] Limits = [];
        public DifferentiableProjection.Workspace? Workspace;

        public RowStatuses Statuses { get; } = new();
    }
}
