namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>One register of the matrix kernels, so that they are written once and compiled for each width.</summary>
/// <typeparam name="TSelf">The register.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal unsafe interface IPanelLane<TSelf, T>
    where TSelf : struct, IPanelLane<TSelf, T>
    where T : unmanaged
{
    /// <summary>Elements in a register.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(T* source);

    static abstract TSelf Broadcast(T value);

    static abstract TSelf Add(TSelf left, TSelf right);

    /// <summary>left · right + addend: fused where the hardware can, in every tier of the compiler alike.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    static abstract void Store(TSelf value, T* target);
}
