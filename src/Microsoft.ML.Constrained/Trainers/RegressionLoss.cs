namespace Microsoft.ML.Constrained;

/// <summary>What a regression trainer makes small. Differences d are in units of the label's standard deviation over the training rows.</summary>
public enum RegressionLoss
{
    /// <summary>d²: scores are means.</summary>
    Squared = 0,

    /// <summary>|d|: scores are medians.</summary>
    Absolute = 1,

    /// <summary>½d² up to <see cref="ConstrainedRegressionOptions.HuberDelta"/>, linear beyond.</summary>
    Huber = 2,

    /// <summary>
    /// The pinball loss max(τd, (τ − 1)d), d = label − score, for each of <see cref="ConstrainedRegressionOptions.QuantileLevels"/> τ.
    /// The label is a number, the score a vector with one slot a level, and never falls from one level to the next.
    /// </summary>
    Quantile = 3,
}
