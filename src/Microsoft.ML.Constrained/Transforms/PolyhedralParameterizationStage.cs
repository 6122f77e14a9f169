using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Transforms;

/// <summary>Maps rows of activations: the columns that <see cref="PolyhedralParameterizationTransformer"/> reads and adds, and the work between them.</summary>
internal sealed class PolyhedralParameterizationStage(
    PolyhedralParameterizationOptions options, PolyhedralParameterization parameterization) : RowStage
{
    private const int Point = 0, Status = 1;

    private readonly StageInput[] _inputs =
        [new StageInput(options.InputColumnName ?? options.OutputColumnName, CheckedWidth(parameterization), "input")];

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize => options.BatchSize;

    public override int Threads => options.Threads;

    private string Name => $"parameterization '{options.OutputColumnName}'";

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, parameterization.Dimension);
        var point = new StageOutput(options.OutputColumnName, type, Annotate.SlotNames(options.Constraints!.Variables));
        return options.Diagnostics ? [point, RowStatuses.Column(options.OutputColumnName + "Status")] : [point];
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        Span<SolverStatus> statuses = scratch.Statuses.Reserve(batch);
        Span<float> points = batch.OutputOrRoom(Point, ref scratch.Points);
        parameterization.Map(batch.Input(0), points, statuses, options.Threads);
        scratch.Statuses.Record(batch, options.Diagnostics ? batch.Keys(Status) : [], Name, options.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, options.Policy);

    /// <summary>A column needs at least one slot.</summary>
    private static int CheckedWidth(PolyhedralParameterization parameterization) => parameterization.ActivationCount > 0
        ? parameterization.ActivationCount
        : throw new InvalidOperationException("The constraints leave a single point, which takes no activations: there is nothing to map.");

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public float[] Points = [];

        public RowStatuses Statuses { get; } = new();
    }
}
