using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Transforms;

/// <summary>Decides rows: the columns that <see cref="CombinatorialSolverTransformer"/> reads and adds, and the work between them.</summary>
internal sealed class CombinatorialSolverStage(CombinatorialSolverOptions options, ICombinatorialSolver solver) : RowStage
{
    private const int Decision = 0, Status = 1, Objective = 2;

    private readonly StageInput[] _inputs = [new StageInput(options.CostColumnName, solver.Dimension, "cost")];

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize { get; } = DecisionMaker.BatchRows(options.BatchSize, solver.Dimension);

    public override int Threads => options.Threads;

    private string Name => $"combinatorial solver '{options.OutputColumnName}'";

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        IReadOnlyList<string> names = options.DecisionNames ??
            Annotate.SlotNamesOf(input[options.CostColumnName], [.. Enumerable.Range(0, solver.Dimension).Select(i => "y" + i)]);
        string name = options.OutputColumnName;
        var decision = new StageOutput(name, new VectorDataViewType(NumberDataViewType.Single, solver.Dimension), Annotate.SlotNames(names));
        return options.Diagnostics
            ? [decision, RowStatuses.Column(name + "Status"), new StageOutput(name + "Objective", NumberDataViewType.Single, DataViewSchema.Annotations.Empty)]
            : [decision];
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        Span<SolverStatus> statuses = scratch.Statuses.Reserve(batch);
        ReadOnlySpan<float> costs = batch.Input(0);
        Span<float> decisions = batch.OutputOrRoom(Decision, ref scratch.Decisions);
        DecisionMaker.Decide(solver, costs, decisions, statuses, options.Threads);
        if (options.Diagnostics)
            DecisionMaker.Objectives(costs, decisions, batch.Output(Objective));
        scratch.Statuses.Record(batch, options.Diagnostics ? batch.Keys(Status) : [], Name, options.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, options.Policy);

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public float[] Decisions = [];

        public RowStatuses Statuses { get; } = new();
    }
}
