using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.AutoML;

/// <summary>Fits and evaluates what a trial makes of a pipeline, in a context that is cancelled in the end.</summary>
internal sealed class SweepablePipelineRunner(
    MLContext context, SweepablePipeline pipeline, IEvaluateMetricManager metric, IDatasetManager data) : ITrialRunner
{
    public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
    {
        try
        {
            using (ct.Register(context.CancelExecution))
                return Task.FromResult(Run(settings));
        }
        catch (Exception e) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e.InnerException);
        }
    }

    public void Dispose() => context.CancelExecution();

    private TrialResult Run(TrialSettings settings)
    {
        var watch = Stopwatch.StartNew();
        var (model, value) = data is ICrossValidateDatasetManager folds ? Folds(folds, settings) : Split((ITrainValidateDatasetManager)data, settings);
        return new TrialResult
        {
            TrialSettings = settings,
            Model = model,
            Metric = value,
            Loss = metric.IsMaximize ? -value : value,
            DurationInMilliseconds = watch.ElapsedMilliseconds,
        };
    }

    private (ITransformer, double) Split(ITrainValidateDatasetManager split, TrialSettings settings)
    {
        var model = Build(settings).Fit(split.LoadTrainDataset(context, settings));
        return (model, metric.Evaluate(context, model.Transform(split.LoadValidateDataset(context, settings))));
    }

    private (ITransformer, double) Folds(ICrossValidateDatasetManager folds, TrialSettings settings)
    {
        var results = context.Data.CrossValidationSplit(folds.Dataset, folds.Fold, folds.SamplingKeyColumnName).Select(fold =>
        {
            ITransformer model = Build(settings).Fit(fold.TrainSet);
            return (Model: model, Value: metric.Evaluate(context, model.Transform(fold.TestSet)));
        }).ToArray();
        return (results[0].Model, results.Average(r => r.Value));
    }

    private IEstimator<ITransformer> Build(TrialSettings settings) =>
        pipeline.BuildFromOption(context, settings.Parameter[AutoMLExperiment.PipelineSearchspaceName]);
}
