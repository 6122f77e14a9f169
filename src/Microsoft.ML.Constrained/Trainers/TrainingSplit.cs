using System;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Which rows are learned from and which are set aside.</summary>
/// <param name="Training">Indices, in no order.</param>
/// <param name="Validation">Indices, in no order; may be empty.</param>
internal sealed record TrainingSplit(int[] Training, int[] Validation)
{
    /// <summary>The rows to measure on: those set aside, or all where there are none.</summary>
    public int[] Measured => Validation.Length > 0 ? Validation : Training;

    /// <summary>Sets a share of the rows aside by chance, rounded, and leaves at least one to learn from.</summary>
    public static TrainingSplit Create(int rows, double fraction, Random random)
    {
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++)
            order[i] = i;
        random.Shuffle(order);
        int aside = Math.Min((int)Math.Round(rows * fraction), rows - 1);
        return new TrainingSplit(order[aside..], order[..aside]);
    }
}
