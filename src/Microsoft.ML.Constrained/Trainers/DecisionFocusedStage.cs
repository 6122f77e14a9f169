using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Scores rows: the columns that <see cref="DecisionFocusedTransformer"/> reads and adds, and the work between them.</summary>
/// <param name="settings">Columns, policy, batches.</param>
/// <param name="network">Features to costs.</param>
/// <param name="solver">Costs to decisions.</param>
internal sealed class DecisionFocusedStage(DecisionFocusedSettings settings, ScoringNetwork network, ICombinatorialSolver solver) : RowStage
{
    private const int Costs = 0, Decision = 1, Status = 2, Objective = 3;

    private readonly StageInput[] _inputs = [new StageInput(settings.FeatureColumnName, network.InputCount, "feature")];

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize { get; } = DecisionMaker.BatchRows(settings.BatchSize, Math.Max(network.InputCount, solver.Dimension));

    public override int Threads => settings.Threads;

    private string Name => $"decisions '{settings.DecisionColumnName}'";

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, solver.Dimension);
        DataViewSchema.Annotations score =
            ScoreAnnotations.Create(input, ScoreAnnotations.MultiOutputRegression, ScoreAnnotations.Score, settings.CostNames);
        var costs = new StageOutput(DecisionFocusedTrainer.ScoreColumnName, type, score);
        var decision = new StageOutput(settings.DecisionColumnName, type, Annotate.SlotNames(settings.CostNames));
        return settings.Diagnostics
            ?
            [
                costs, decision, RowStatuses.Column(settings.DecisionColumnName + "Status"),
                new StageOutput(settings.DecisionColumnName + "Objective", NumberDataViewType.Single, DataViewSchema.Annotations.Empty),
            ]
            : [costs, decision];
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        Span<float> costs = batch.OutputOrRoom(Costs, ref scratch.Costs);
        network.Forward(batch.Input(0), costs);

        // Somebody who wants the scores alone does not pay for decisions.
        bool objective = settings.Diagnostics && batch.Wanted[Objective], status = settings.Diagnostics && batch.Wanted[Status];
        if (!batch.Wanted[Decision] && !objective && !status)
            return;
        Span<float> decisions = batch.OutputOrRoom(Decision, ref scratch.Decisions);
        Span<SolverStatus> statuses = scratch.Statuses.Reserve(batch);
        DecisionMaker.Decide(solver, costs, decisions, statuses, settings.Threads);
        if (objective)
            DecisionMaker.Objectives(costs, decisions, batch.Output(Objective));
        scratch.Statuses.Record(batch, settings.Diagnostics ? batch.Keys(Status) : [], Name, settings.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, settings.Policy);

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public float[] Costs = [], Decisions = [];

        public RowStatuses Statuses { get; } = new();
    }
}
