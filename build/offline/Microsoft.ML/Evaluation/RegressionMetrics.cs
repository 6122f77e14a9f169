namespace Microsoft.ML.Data;

/// <summary>How far a regression's scores are from the labels.</summary>
public sealed class RegressionMetrics
{
    public double MeanAbsoluteError { get; }
    public double MeanSquaredError { get; }
    public double RootMeanSquaredError { get; }

    /// <summary>The mean of the loss function, which is the squared error.</summary>
    public double LossFunction { get; }

    /// <summary>The share of the labels' variance that is explained; NaN for a constant label.</summary>
    public double RSquared { get; }

    internal RegressionMetrics(double l1, double l2, double rms, double lossFunction, double rSquared)
    {
        MeanAbsoluteError = l1;
        MeanSquaredError = l2;
        RootMeanSquaredError = rms;
        LossFunction = lossFunction;
        RSquared = rSquared;
    }
}
