namespace Microsoft.ML.Data;

/// <summary>How well scores tell two classes.</summary>
public class BinaryClassificationMetrics
{
    public double AreaUnderRocCurve { get; }
    public double Accuracy { get; }
    public double PositivePrecision { get; }
    public double PositiveRecall { get; }
    public double NegativePrecision { get; }
    public double NegativeRecall { get; }
    public double F1Score { get; }
    public double AreaUnderPrecisionRecallCurve { get; }
    public ConfusionMatrix ConfusionMatrix { get; }

    internal BinaryClassificationMetrics(double auc, double accuracy, double positivePrecision, double positiveRecall,
        double negativePrecision, double negativeRecall, double f1Score, double auprc)
    {
        AreaUnderRocCurve = auc;
        Accuracy = accuracy;
        PositivePrecision = positivePrecision;
        PositiveRecall = positiveRecall;
        NegativePrecision = negativePrecision;
        NegativeRecall = negativeRecall;
        F1Score = f1Score;
        AreaUnderPrecisionRecallCurve = auprc;
    }

    internal BinaryClassificationMetrics(double auc, double accuracy, double positivePrecision, double positiveRecall,
        double negativePrecision, double negativeRecall, double f1Score, double auprc, ConfusionMatrix confusionMatrix)
        : this(auc, accuracy, positivePrecision, positiveRecall, negativePrecision, negativeRecall, f1Score, auprc)
    {
        ConfusionMatrix = confusionMatrix;
    }
}
