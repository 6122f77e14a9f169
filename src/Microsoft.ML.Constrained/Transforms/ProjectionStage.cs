using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Transforms;

/// <summary>Projects rows: the columns that <see cref="ConstrainedProjectionTransformer"/> reads and adds, and the work between them.</summary>
internal sealed class ProjectionStage : RowStage
{
    private const int Projected = 0, Status = 1, Distance = 2, Violation = 3, ShadowPrices = 4;

    private readonly ConstrainedProjectionOptions _options;
    private readonly Projector _projector;
    private readonly ConstraintSet _constraints;
    private readonly StageInput[] _inputs;

    public ProjectionStage(ConstrainedProjectionOptions options, Projector projector)
    {
        _options = options;
        _projector = projector;
        _constraints = projector.Set;
        IEnumerable<StageInput> values = options.InputColumnName is { } name
            ? [new StageInput(name, _constraints.Dimension, "input")]
            : _constraints.Variables.Select(v => new StageInput(v, 0, "input"));
        _inputs = [.. values, .. _constraints.Columns.Select(c => new StageInput(c, 0, "right-hand side"))];
    }

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize => _options.BatchSize;

    public override int Threads => _options.Threads;

    private string Name => $"projection '{_options.OutputColumnName}'";

    /// <summary>Number of columns that hold the row to project: one vector, or a scalar for each variable.</summary>
    private int ValueColumns => _inputs.Length - _constraints.Columns.Count;

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        IReadOnlyList<string> names = _options.InputColumnName is { } column
            ? Annotate.SlotNamesOf(input[column], _constraints.Variables)
            : _constraints.Variables;
        string name = _options.OutputColumnName;
        var outputs = new List<StageOutput>
        {
            new(name, new VectorDataViewType(NumberDataViewType.Single, _constraints.Dimension), Annotate.SlotNames(names)),
        };
        if (_options.Diagnostics)
        {
            DataViewSchema.Annotations none = DataViewSchema.Annotations.Empty;
            outputs.Add(RowStatuses.Column(name + "Status"));
            outputs.Add(new(name + "Distance", NumberDataViewType.Single, none));
            outputs.Add(new(name + "Violation", NumberDataViewType.Single, none));
            if (_constraints.Constraints.Count > 0)
            {
                outputs.Add(new(
                    name + "ShadowPrices",
                    new VectorDataViewType(NumberDataViewType.Single, _constraints.Constraints.Count),
                    Annotate.SlotNames([.. _constraints.Constraints.Select(c => c.Name)])));
            }
        }

        return outputs;
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        ReadOnlySpan<float> rows = _options.InputColumnName is null ? batch.Gather(0, ValueColumns, ref scratch.Rows) : batch.Input(0);
        ReadOnlySpan<float> parameters = batch.Gather(ValueColumns, _constraints.Columns.Count, ref scratch.Parameters);
        Span<SolverStatus> statuses = scratch.Statuses.Reserve(batch);
        Span<float> projected = batch.OutputOrRoom(Projected, ref scratch.Projected);

        ProjectionDiagnostics? found = Array.IndexOf(batch.Wanted, true, Math.Min(Distance, batch.Wanted.Length)) >= 0 ? scratch.Diagnostics : null;
        _projector.Project(rows, parameters, projected, statuses, found);
        if (found is not null)
        {
            batch.Write(Distance, found.Distance);
            batch.Write(Violation, found.ViolationBefore);
            if (_constraints.Constraints.Count > 0)
                batch.Write(ShadowPrices, found.ShadowPrices);
        }

        scratch.Statuses.Record(batch, _options.Diagnostics ? batch.Keys(Status) : [], Name, _options.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, _options.Policy);

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public float[] Rows = [];
        public float[] Projected = [];
        public float[] Parameters = [];

        public ProjectionDiagnostics Diagnostics { get; } = new();

        public RowStatuses Statuses { get; } = new();
    }
}
