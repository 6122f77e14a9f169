namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Arithmetic on a register of doubles. Kernels are written once against this interface; the JIT specialises them for each
/// implementation, so that a call costs what the instruction costs.
/// </summary>
/// <typeparam name="TVector">The register: Vector512, Vector256 or Vector128 of double, or double itself.</typeparam>
internal unsafe interface ILane<TVector>
    where TVector : struct
{
    /// <summary>Doubles in a register.</summary>
    static abstract int Width { get; }

    /// <summary>Registers in a row panel of the packed layout (see <see cref="PanelKernels{TLane, TVector}"/>).</summary>
    static abstract int PanelVectors { get; }

    /// <summary>Columns that the multiplication kernel works out at once.</summary>
    static abstract int TileColumns { get; }

    static abstract TVector Load(double* source);

    static abstract void Store(double* target, TVector value);

    static abstract TVector Broadcast(double value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>a·b + c, fused where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    static abstract TVector Negate(TVector a);

    static abstract TVector Abs(TVector a);

    static abstract TVector Sqrt(TVector a);

    /// <summary>The larger of the two; NaN where either is.</summary>
    static abstract TVector Max(TVector a, TVector b);

    static abstract TVector Min(TVector a, TVector b);

    /// <summary>All bits set where a &lt; b.</summary>
    static abstract TVector Less(TVector a, TVector b);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    static abstract TVector Xor(TVector a, TVector b);

    /// <summary>a where the mask is set, b elsewhere.</summary>
    static abstract TVector Select(TVector mask, TVector a, TVector b);

    /// <summary>Bit i: the sign bit of lane i.</summary>
    static abstract uint Bits(TVector mask);

    static abstract double Sum(TVector a);
}
