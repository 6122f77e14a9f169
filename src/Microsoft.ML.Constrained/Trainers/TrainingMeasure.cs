namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What a state of the model is worth on the validation rows.</summary>
/// <param name="Loss">Lower is better.</param>
/// <param name="Violation">Largest violation of a constraint, for the record.</param>
/// <param name="IsFeasible">Whether that counts as none.</param>
internal readonly record struct TrainingMeasure(double Loss, double Violation, bool IsFeasible);
