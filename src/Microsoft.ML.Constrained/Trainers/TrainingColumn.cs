namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A column that a trainer reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What messages call it, for example "feature".</param>
/// <param name="Kinds">What it may be.</param>
internal sealed record TrainingColumn(string Name, string Role, TrainingColumnKinds Kinds);
