namespace Microsoft.ML.Data;

/// <summary>The metrics of two classes and, in bits, those of the probabilities.</summary>
public sealed class CalibratedBinaryClassificationMetrics : BinaryClassificationMetrics
{
    public double LogLoss { get; }
    public double LogLossReduction { get; }
    public double Entropy { get; }

    internal CalibratedBinaryClassificationMetrics(BinaryClassificationMetrics scores, double logLoss, double logLossReduction,
        double entropy)
        : base(scores.AreaUnderRocCurve, scores.Accuracy, scores.PositivePrecision, scores.PositiveRecall, scores.NegativePrecision,
            scores.NegativeRecall,
            scores.F1Score, scores.AreaUnderPrecisionRecallCurve, scores.ConfusionMatrix)
    {
        LogLoss = logLoss;
        LogLossReduction = logLossReduction;
        Entropy = entropy;
    }
}
