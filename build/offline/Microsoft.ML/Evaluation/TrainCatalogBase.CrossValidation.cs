using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

// Cross-validation, common to all tasks.
public abstract partial class TrainCatalogBase
{
    /// <summary>One fold: the model fitted on the other folds, and this fold's rows with its scores.</summary>
    public sealed class CrossValidationResult<T> where T : class
    {
        public readonly T Metrics;
        public readonly ITransformer Model;
        public readonly IDataView ScoredHoldOutSet;
        public readonly int Fold;

        internal CrossValidationResult(ITransformer model, T metrics, IDataView scores, int fold)
        {
            Model = model;
            Metrics = metrics;
            ScoredHoldOutSet = scores;
            Fold = fold;
        }
    }

    private protected struct CrossValidationResult
    {
        public readonly ITransformer Model;
        public readonly IDataView Scores;
        public readonly int Fold;

        public CrossValidationResult(ITransformer model, IDataView scores, int fold)
        {
            Model = model;
            Scores = scores;
            Fold = fold;
        }
    }

    /// <summary>Fits the same estimator once for each fold, one after the other.</summary>
    private protected CrossValidationResult[] CrossValidateTrain(IDataView data, IEstimator<ITransformer> estimator, int numFolds,
        string samplingKeyColumn, int? seed = null)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(estimator, nameof(estimator));
        Contracts.CheckParam(numFolds > 1, nameof(numFolds), "Must be more than 1");
        return DataOperationsCatalog.CrossValidationSplit(Environment, data, numFolds, samplingKeyColumn, seed).Select((split, fold) =>
        {
            var model = estimator.Fit(split.TrainSet);
            return new CrossValidationResult(model, model.Transform(split.TestSet), fold);
        }).ToArray();
    }

    private protected IReadOnlyList<CrossValidationResult<T>> CrossValidate<T>(Func<IDataView, T> evaluate, IDataView data,
        IEstimator<ITransformer> estimator, int numberOfFolds,
        string labelColumnName, string samplingKeyColumnName, int? seed) where T : class
    {
        Contracts.CheckNonEmpty(labelColumnName, nameof(labelColumnName));
        return CrossValidateTrain(data, estimator, numberOfFolds, samplingKeyColumnName, seed)
            .Select(r => new CrossValidationResult<T>(r.Model, evaluate(r.Scores), r.Scores, r.Fold)).ToArray();
    }
}
