namespace Microsoft.ML.Constrained;

/// <summary>What was measured after an epoch.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Loss">Mean loss of the batches, each before its step.</param>
/// <param name="ValidationLoss">Loss on the validation rows, or on all rows where none were set aside.</param>
/// <param name="Violation">Largest violation of a constraint on those rows.</param>
/// <param name="IsFeasible">Whether that counts as none.</param>
/// <param name="LearningRate">The learning rate of the last step.</param>
public sealed record TrainingEpoch(int Epoch, double Loss, double ValidationLoss, double Violation, bool IsFeasible, double LearningRate);
