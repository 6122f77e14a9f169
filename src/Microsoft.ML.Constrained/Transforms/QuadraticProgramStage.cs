using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Transforms;

/// <summary>Solves one quadratic program a row: the columns that <see cref="QuadraticProgramTransformer"/> reads and adds, and the work between them.</summary>
internal sealed class QuadraticProgramStage : RowStage
{
    private readonly QuadraticProgramStageOptions _options;
    private readonly QuadraticProgramSolver _solver;
    private readonly StageInput[] _inputs;
    private readonly int _costs = -1, _inequalities = -1, _equalities = -1;
    private readonly double[] _q, _g, _a;

    public QuadraticProgramStage(QuadraticProgramStageOptions options)
    {
        _options = options;
        _solver = new QuadraticProgramSolver(new QuadraticProgramOptions
        {
            Tolerance = options.Tolerance,
            Threads = options.Threads,
            Policy = options.Policy == RowPolicy.Throw ? RowPolicy.Missing : options.Policy,
            KeepFactors = false,
        });
        _q = Flat(options.Q);
        _g = Flat(options.G);
        _a = Flat(options.A);
        var inputs = new List<StageInput>();
        _costs = Add(options.LinearCostColumnName, options.Variables, "linear cost");
        _inequalities = Add(options.InequalityColumnName, options.Inequalities, "inequality right-hand side");
        _equalities = Add(options.EqualityColumnName, options.Equalities, "equality right-hand side");
        _inputs = [.. inputs];

        int Add(string? column, int width, string role)
        {
            if (column is null)
                return -1;
            inputs.Add(new StageInput(column, width, role));
            return inputs.Count - 1;
        }
    }

    public override IReadOnlyList<StageInput> Inputs => _inputs;

    public override int BatchSize => _options.BatchSize;

    public override int Threads => _options.Threads;

    private string Name => $"quadratic program '{_options.OutputColumnName}'";

    /// <summary>The names of the diagnostics columns and their places among the outputs, given the shape of the program.</summary>
    internal static IEnumerable<string> DiagnosticsColumns(QuadraticProgramStageOptions options)
    {
        string name = options.OutputColumnName;
        yield return name + "Status";
        yield return name + "Objective";
        if (options.Inequalities > 0)
            yield return name + "InequalityPrices";
        if (options.Equalities > 0)
            yield return name + "EqualityPrices";
    }

    public override IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input)
    {
        IReadOnlyList<string> names = Numbered("z", _options.Variables);
        if (_options.VariableNames is { } given)
            names = given;
        else if (_options.LinearCostColumnName is { } column)
            names = Annotate.SlotNamesOf(input[column], names);
        var outputs = new List<StageOutput> { Vector(_options.OutputColumnName, names) };
        if (!_options.Diagnostics)
            return outputs;
        foreach (string name in DiagnosticsColumns(_options))
        {
            outputs.Add(name[_options.OutputColumnName.Length..] switch
            {
                "Status" => RowStatuses.Column(name),
                "Objective" => new StageOutput(name, NumberDataViewType.Single, DataViewSchema.Annotations.Empty),
                "InequalityPrices" => Vector(name, _options.InequalityNames ?? Numbered("g", _options.Inequalities)),
                _ => Vector(name, _options.EqualityNames ?? Numbered("a", _options.Equalities)),
            });
        }

        return outputs;
    }

    public override void Map(StageBatch batch)
    {
        var scratch = (Scratch)(batch.State ??= new Scratch());
        QuadraticProgramBatch programs = scratch.For(batch.Rows, _options, _q, _g, _a);
        if (_costs >= 0)
            programs.P = Widen(batch.Input(_costs), _options.LinearCostFactor, ref scratch.P);
        if (_inequalities >= 0)
            programs.H = Widen(batch.Input(_inequalities), 1, ref scratch.H);
        if (_equalities >= 0)
            programs.B = Widen(batch.Input(_equalities), 1, ref scratch.B);
        QuadraticProgramSolution solution = scratch.Solution;
        _solver.Solve(programs, solution);

        solution.Status.CopyTo(scratch.Statuses.Reserve(batch));
        batch.Write(0, solution.Z.Span);
        Span<uint> keys = [];
        if (_options.Diagnostics)
        {
            keys = batch.Keys(1);
            batch.Write(2, solution.Objective);
            int next = 3;
            if (_options.Inequalities > 0)
                batch.Write(next++, solution.Lambda.Span);
            if (_options.Equalities > 0)
                batch.Write(next, solution.Nu.Span);
        }

        scratch.Statuses.Record(batch, keys, Name, _options.Policy);
    }

    public override void Report(IHost host, StageBatch batch) => (batch.State as Scratch)?.Statuses.Report(host, Name, _options.Policy);

    private static StageOutput Vector(string name, IReadOnlyList<string> slots) =>
        new(name, new VectorDataViewType(NumberDataViewType.Single, slots.Count), Annotate.SlotNames(slots));

    private static string[] Numbered(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => prefix + i)];

    private static double[] Flat(double[,]? matrix) => matrix is null ? [] : [.. matrix.Cast<double>()];

    private static ReadOnlyMemory<double> Widen(ReadOnlySpan<float> values, double factor, ref double[] buffer)
    {
        if (buffer.Length < values.Length)
            buffer = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
            buffer[i] = factor * values[i];
        return buffer.AsMemory(0, values.Length);
    }

    /// <summary>What one cursor or row object keeps between batches.</summary>
    private sealed class Scratch
    {
        public double[] P = [], H = [], B = [];
        private QuadraticProgramBatch? _programs;

        public QuadraticProgramSolution Solution { get; } = new();

        public RowStatuses Statuses { get; } = new();

        /// <summary>The description of a batch of so many rows, with all that is fixed.</summary>
        public QuadraticProgramBatch For(int rows, QuadraticProgramStageOptions options, double[] q, double[] g, double[] a)
        {
            if (_programs?.BatchSize == rows)
                return _programs;
            _programs = new QuadraticProgramBatch(rows, options.Variables, options.Inequalities, options.Equalities);
            if (q.Length > 0)
                _programs.Q = q;
            if (g.Length > 0)
                _programs.G = g;
            if (a.Length > 0)
                _programs.A = a;
            if (options.P is not null)
                _programs.P = options.P;
            if (options.H is { Length: > 0 })
                _programs.H = options.H;
            if (options.B is { Length: > 0 })
                _programs.B = options.B;
            return _programs;
        }
    }
}
