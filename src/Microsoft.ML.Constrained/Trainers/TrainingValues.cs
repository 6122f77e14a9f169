using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What was read of one column.</summary>
/// <param name="Column">The column.</param>
/// <param name="Width">Values a row.</param>
/// <param name="IsVector">Whether it is a vector.</param>
/// <param name="Values">Rows × width, row-major.</param>
internal sealed record TrainingValues(DataViewSchema.Column Column, int Width, bool IsVector, float[] Values);
