namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>A ray of a cone under conversion.</summary>
/// <typeparam name="T">The number.</typeparam>
internal sealed class ConeRay<T>
{
    public ConeRay(T[] vector, int rows)
        : this(vector, new BitSet(rows))
    {
    }

    public ConeRay(T[] vector, BitSet tight)
    {
        Vector = vector;
        Tight = tight;
        Value = default!;
    }

    public T[] Vector { get; set; }

    /// <summary>The rows so far that the ray lies on.</summary>
    public BitSet Tight { get; }

    /// <summary>The value of the row at hand.</summary>
    public T Value { get; set; }
}
