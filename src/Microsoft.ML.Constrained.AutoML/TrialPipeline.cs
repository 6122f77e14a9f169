using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Builds a trial's estimators one by one, so that of its model those parts can be disposed that are the trial's own. An estimator that was
/// put into the pipeline as it is serves every trial, and some such give the same transformer each time: what it gives is never disposed.
/// </summary>
internal sealed class TrialPipeline(SweepablePipeline pipeline)
{
    private const string SchemaKey = "_SCHEMA_";

    /// <summary>Where a search keeps what it proposes for a pipeline.</summary>
    public const string SearchSpaceKey = "_pipeline_";

    private readonly Dictionary<string, bool> _isShared = [];

    /// <summary>The chain, and for each of its links whether it serves every trial.</summary>
    public (EstimatorChain<ITransformer> Chain, bool[] IsShared) Build(MLContext mlContext, Parameter parameter)
    {
        string[] keys = parameter[SchemaKey].AsType<string>().Split('*', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var chain = new EstimatorChain<ITransformer>();
        foreach (string key in keys)
            chain = chain.Append(Estimator(mlContext, key, parameter[key]));
        return (chain, [.. keys.Select(k => _isShared[k])]);
    }

    /// <summary>What is to be disposed of a fitted chain.</summary>
    public static IReadOnlyList<IDisposable> OwnParts(IEnumerable<ITransformer> model, bool[] isShared) =>
        [.. model.Where((_, i) => !isShared[i]).OfType<IDisposable>()];

    private IEstimator<ITransformer> Estimator(MLContext mlContext, string key, Parameter parameter)
    {
        SweepableEstimator sweepable = pipeline.Estimators[key];
        IEstimator<ITransformer> estimator = Required(sweepable.BuildFromOption(mlContext, parameter), key);
        if (!_isShared.ContainsKey(key))
        {
            // In a context of its own, so that the trial's random numbers are those of every other trial.
            var probe = new MLContext(0);
            _isShared[key] = ReferenceEquals(sweepable.BuildFromOption(probe, parameter), sweepable.BuildFromOption(probe, parameter));
        }

        return estimator;
    }

    private static IEstimator<ITransformer> Required(IEstimator<ITransformer>? estimator, string key) => estimator ??
        throw new InvalidOperationException($"The factory of the sweepable estimator '{key}' gave null; it must give an estimator.");
}
