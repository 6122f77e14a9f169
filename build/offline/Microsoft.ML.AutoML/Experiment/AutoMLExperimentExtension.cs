using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

public static class AutoMLExperimentExtension
{
    public static AutoMLExperiment SetDataset(this AutoMLExperiment experiment, IDataView train, IDataView validation, bool subSamplingTrainDataset = false)
    {
        if (subSamplingTrainDataset)
            throw new System.NotSupportedException("Sub-sampling is not in this subset.");
        experiment.Services.AddSingleton<IDatasetManager>(_ => new TrainValidateDatasetManager(train, validation));
        return experiment;
    }

    public static AutoMLExperiment SetDataset(this AutoMLExperiment experiment, DataOperationsCatalog.TrainTestData trainValidationSplit) =>
        experiment.SetDataset(trainValidationSplit.TrainSet, trainValidationSplit.TestSet);

    public static AutoMLExperiment SetDataset(this AutoMLExperiment experiment, IDataView dataset, int fold = 10, string samplingKeyColumnName = null)
    {
        experiment.Services.AddSingleton<IDatasetManager>(_ => new CrossValidateDatasetManager
        {
            Dataset = dataset,
            Fold = fold,
            SamplingKeyColumnName = samplingKeyColumnName,
        });
        return experiment;
    }

    public static AutoMLExperiment SetRegressionMetric(
        this AutoMLExperiment experiment, RegressionMetric metric, string labelColumn = "Label", string scoreColumn = "Score")
    {
        experiment.Services.AddSingleton<IEvaluateMetricManager>(_ => new RegressionMetricManager(metric, labelColumn, scoreColumn));
        return experiment;
    }

    /// <summary>Also sets a runner, a monitor and a tuner: what is to be in their place is set after it.</summary>
    public static AutoMLExperiment SetPipeline(this AutoMLExperiment experiment, SweepablePipeline pipeline)
    {
        experiment.AddSearchSpace(AutoMLExperiment.PipelineSearchspaceName, pipeline.SearchSpace);
        experiment.Services.AddSingleton<SweepablePipeline>(_ => pipeline);
        experiment.SetTrialRunner<SweepablePipelineRunner>();
        experiment.SetMonitor<MLContextMonitor>();
        return experiment.SetCostFrugalTuner();
    }

    public static AutoMLExperiment SetCostFrugalTuner(this AutoMLExperiment experiment)
    {
        experiment.SetTuner(provider => new CostFrugalTuner(Settings(provider).SearchSpace, Settings(provider).Seed));
        return experiment;
    }

    public static AutoMLExperiment SetRandomSearchTuner(this AutoMLExperiment experiment, int? seed = null)
    {
        experiment.SetTuner(provider => new RandomSearchTuner(Settings(provider).SearchSpace, seed ?? Settings(provider).Seed));
        return experiment;
    }

    public static AutoMLExperiment SetGridSearchTuner(this AutoMLExperiment experiment, int step = 10)
    {
        experiment.SetTuner(provider => new GridSearchTuner(Settings(provider).SearchSpace, step));
        return experiment;
    }

    private static AutoMLExperiment.AutoMLExperimentSettings Settings(System.IServiceProvider provider) =>
        (AutoMLExperiment.AutoMLExperimentSettings)provider.GetService(typeof(AutoMLExperiment.AutoMLExperimentSettings));
}
