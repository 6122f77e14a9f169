namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>What the double description method asks of its numbers.</summary>
/// <typeparam name="T">The number.</typeparam>
internal interface IConeArithmetic<T>
{
    /// <summary>a·x.</summary>
    static abstract T Dot(T[] row, T[] vector);

    /// <summary>−1, 0 or 1.</summary>
    static abstract int Sign(T value);

    /// <summary>Whether dividing by <paramref name="candidate"/> loses less than dividing by <paramref name="current"/>.</summary>
    static abstract bool IsBetterPivot(T candidate, T current);

    /// <summary>A positive multiple of |u| x − |v| y with u, v of opposite signs or zero, brought to a standard length.</summary>
    static abstract T[] Combine(T u, T[] x, T v, T[] y);

    static abstract T[] Unit(int dimension, int index);

    static abstract T[] Negate(T[] vector);
}
