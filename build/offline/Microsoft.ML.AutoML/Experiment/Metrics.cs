using System;

namespace Microsoft.ML.AutoML;

public enum RegressionMetric
{
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    RSquared,
}

public interface IMetricManager
{
    bool IsMaximize { get; }

    string MetricName { get; }
}

public interface IEvaluateMetricManager : IMetricManager
{
    double Evaluate(MLContext context, IDataView eval);
}

internal sealed class RegressionMetricManager(RegressionMetric metric, string label, string score) : IEvaluateMetricManager
{
    public bool IsMaximize => metric == RegressionMetric.RSquared;

    public string MetricName => metric.ToString();

    public double Evaluate(MLContext context, IDataView eval)
    {
        var metrics = context.Regression.Evaluate(eval, label, score);
        return metric switch
        {
            RegressionMetric.MeanAbsoluteError => metrics.MeanAbsoluteError,
            RegressionMetric.MeanSquaredError => metrics.MeanSquaredError,
            RegressionMetric.RootMeanSquaredError => metrics.RootMeanSquaredError,
            RegressionMetric.RSquared => metrics.RSquared,
            _ => throw new ArgumentOutOfRangeException(nameof(metric)),
        };
    }
}
