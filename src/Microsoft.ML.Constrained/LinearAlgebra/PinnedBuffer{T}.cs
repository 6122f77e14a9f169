using System;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Zeroed storage that does not move, aligned to 64 bytes. Whoever uses <see cref="Pointer"/> keeps the buffer alive meanwhile.
/// </summary>
internal sealed unsafe class PinnedBuffer<T>
    where T : unmanaged
{
    private const int Alignment = 64;
    private readonly T[] _storage;
    private readonly int _offset;

    public PinnedBuffer(int length)
    {
        int spare = Alignment / sizeof(T);
        _storage = GC.AllocateArray<T>(checked(length + spare), pinned: true);
        fixed (T* start = _storage)
        {
            nint misaligned = (nint)start & (Alignment - 1);
            _offset = misaligned == 0 ? 0 : (int)((Alignment - misaligned) / sizeof(T));
        }

        Length = length;
    }

    public int Length { get; }

    public T* Pointer
    {
        get
        {
            fixed (T* start = _storage)
                return start + _offset;
        }
    }

    public Span<T> Span => _storage.AsSpan(_offset, Length);
}
