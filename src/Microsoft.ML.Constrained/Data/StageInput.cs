namespace Microsoft.ML.Constrained.Data;

/// <summary>A <c>Single</c> column that a stage reads.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Width">Number of slots of a vector; 0 for a scalar.</param>
/// <param name="Role">What messages call it, for example "input".</param>
internal sealed record StageInput(string Column, int Width, string Role)
{
    /// <summary>Values a row.</summary>
    public int Count => Width == 0 ? 1 : Width;
}
