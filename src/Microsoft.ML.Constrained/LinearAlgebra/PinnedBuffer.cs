using System;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>A block of doubles at a fixed, 64-byte aligned address that grows on demand and keeps no contents when it grows.</summary>
internal sealed unsafe class PinnedBuffer
{
    private double[] _array = [];

    /// <summary>The first double; valid as long as this object is reachable and does not grow.</summary>
    public double* Pointer { get; private set; }

    /// <summary>Doubles there are.</summary>
    public int Length { get; private set; }

    /// <summary>Sees to it that there are at least <paramref name="length"/> doubles; new ones are zero.</summary>
    public double* Ensure(long length)
    {
        if (length > Length || Pointer == null)
        {
            _array = GC.AllocateArray<double>(checked((int)length + 8), pinned: true);
            var address = (nint)Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
            Pointer = (double*)((address + 63) & ~(nint)63);
            Length = (int)length;
        }

        return Pointer;
    }
}
