using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>A row with Label = 3 X, and a place for scores.</summary>
internal sealed class ToyRow
{
    public float X { get; set; }

    public float Label { get; set; }
}

/// <summary>What the toy trainer's trials choose: the score is Slope · X.</summary>
internal sealed class ToySpace
{
    [Range(0.0, 6.0, 0.5)]
    public double Slope { get; set; } = 1;

    [Range(1, 4, 1)]
    public int Layers { get; set; } = 1;
}

/// <summary>A trainer whose fitting takes batches, that may throw, and whose models know whether they were disposed.</summary>
internal sealed class Toy : IEstimator<ITransformer>
{
    public static readonly ToyRow[] Rows = [.. Enumerable.Range(0, 40).Select(i => new ToyRow { X = i / 10f, Label = 0.3f * i })];

    private readonly ToyHistory _history;
    private readonly IEstimator<ITransformer> _scale;
    private readonly ToySpace _chosen;
    private readonly CancellationToken _token;

    private Toy(MLContext mlContext, ToyHistory history, ToySpace chosen)
    {
        _history = history;
        _chosen = chosen;
        _token = mlContext.GetTrialCancellationToken();
        float slope = (float)chosen.Slope;
        _scale = mlContext.Transforms.CustomMapping<ToyRow, ToyScore>((row, score) => score.Score = slope * row.X, null);
    }

    public static IDataView Data(MLContext mlContext) => mlContext.Data.LoadFromEnumerable(Rows);

    public static SweepableEstimator Sweepable(MLContext mlContext, ToyHistory history) => mlContext.Auto().CreateSweepableEstimator(
        (context, chosen) => new Toy(context, history, chosen), new SearchSpace<ToySpace>());

    /// <summary>A pipeline of the toy trainer alone, behind a copied column.</summary>
    public static SweepablePipeline Pipeline(MLContext mlContext, ToyHistory history) =>
        mlContext.Transforms.CopyColumns("Again", "X").Append(Sweepable(mlContext, history));

    public static ConstrainedTrialOptions Options(MLContext mlContext) => new()
    {
        TrainingData = Data(mlContext),
        ValidationData = Data(mlContext),
        Metric = TrialMetric.RootMeanSquaredError(),
    };

    /// <summary>Scores may not be above the limit.</summary>
    public static TrialFeasibility Below(double limit) =>
        TrialFeasibility.Of(ConstraintSet.Over("Score").Linear(FormattableString.Invariant($"Score <= {limit}")));

    public ITransformer Fit(IDataView input)
    {
        int fit = _history.Begin(_chosen);
        for (int batch = 0; batch < _history.Batches; batch++)
        {
            _token.ThrowIfCancellationRequested();
            _history.Batch(fit, batch);
        }

        _history.Throw(fit, _chosen);
        return new ToyModel(_scale.Fit(input), _history);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _scale.GetOutputSchema(inputSchema);
}

internal sealed class ToyScore
{
    public float Score { get; set; }
}

/// <summary>What the toy trainer did, and what it is to do.</summary>
internal sealed class ToyHistory
{
    private readonly List<ToySpace> _chosen = [];
    private int _live;

    /// <summary>Batches of one fit.</summary>
    public int Batches { get; init; } = 3;

    /// <summary>Given the number of the fit and what was chosen, the exception that it ends with, or null.</summary>
    public Func<int, ToySpace, Exception?> Fails { get; init; } = (_, _) => null;

    /// <summary>Called in each batch with the numbers of the fit and of the batch.</summary>
    public Action<int, int> OnBatch { get; init; } = (_, _) => { };

    public IReadOnlyList<ToySpace> Chosen => _chosen;

    /// <summary>Models that were made and not disposed.</summary>
    public int Live => _live;

    public int MostLive { get; private set; }

    public int BatchesDone { get; private set; }

    public int Begin(ToySpace chosen)
    {
        _chosen.Add(chosen);
        return _chosen.Count - 1;
    }

    public void Batch(int fit, int batch)
    {
        BatchesDone++;
        OnBatch(fit, batch);
    }

    public void Throw(int fit, ToySpace chosen)
    {
        if (Fails(fit, chosen) is { } exception)
            throw exception;
    }

    public void Made() => MostLive = Math.Max(MostLive, ++_live);

    public void Disposed() => _live--;
}

/// <summary>A model that counts among the live ones until it is disposed.</summary>
internal sealed class ToyModel : ITransformer, IDisposable
{
    private readonly ITransformer _inner;
    private readonly ToyHistory _history;

    // So that models that are kept show in the memory.
    private readonly byte[] _weight = new byte[100_000];

    public ToyModel(ITransformer inner, ToyHistory history)
    {
        _inner = inner;
        _history = history;
        _weight[^1] = 1;
        history.Made();
    }

    public bool IsDisposed { get; private set; }

    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => _inner.GetOutputSchema(inputSchema);

    public IDataView Transform(IDataView input) => _inner.Transform(input);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _inner.GetRowToRowMapper(inputSchema);

    public void Dispose()
    {
        if (IsDisposed)
            throw new InvalidOperationException("Disposed twice.");
        IsDisposed = true;
        _history.Disposed();
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => _inner.Save(ctx);
}

/// <summary>An estimator that gives the same model to everybody.</summary>
internal sealed class SharedEstimator(MLContext mlContext, ToyHistory history) : IEstimator<ITransformer>
{
    private readonly IEstimator<ITransformer> _copy = mlContext.Transforms.CopyColumns("Copy", "X");

    public ToyModel? Model { get; private set; }

    public ITransformer Fit(IDataView input) => Model ??= new ToyModel(_copy.Fit(input), history);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => _copy.GetOutputSchema(inputSchema);
}

/// <summary>An estimator whose model keeps no row.</summary>
internal sealed class DroppingEstimator(MLContext mlContext) : IEstimator<ITransformer>
{
    public ITransformer Fit(IDataView input) => new Model(mlContext);

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;

    private sealed class Model(MLContext mlContext) : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => mlContext.Data.FilterRowsByColumn(input, "X", lowerBound: 1e6);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();
    }
}
