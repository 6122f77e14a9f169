namespace Microsoft.ML.Constrained;

/// <summary>What becomes of a row whose own limits contradict each other, or which cannot be solved.</summary>
public enum RowPolicy : byte
{
    /// <summary>
    /// The point with the least 2-norm of the scaled violations and, among those points, the best objective.
    /// A row with a NaN or an infinity has no such point and gives NaN.
    /// </summary>
    /// <remarks>In a projection, two limits of one constraint that contradict each other count as an equality at their middle.</remarks>
    Closest = 0,

    /// <summary>The row's own input, unchanged.</summary>
    KeepInput = 1,

    /// <summary>NaN in every slot.</summary>
    Missing = 2,

    /// <summary>An <see cref="System.InvalidOperationException"/> that names the row and the reason, thrown while cursoring.</summary>
    Throw = 3,
}
