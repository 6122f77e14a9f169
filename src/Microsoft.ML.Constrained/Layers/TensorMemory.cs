using System;
using System.Buffers;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// The memory of a contiguous CPU tensor of doubles as managed code sees it, without a copy. Whoever uses it keeps the tensor's
/// storage alive, by a handle or through the graph that saved it.
/// </summary>
internal sealed unsafe class TensorMemory : MemoryManager<double>
{
    private readonly double* _pointer;
    private readonly int _length;

    private TensorMemory(double* pointer, int length)
    {
        _pointer = pointer;
        _length = length;
    }

    /// <summary>The elements of <paramref name="tensor"/>; nothing where it is null or empty.</summary>
    public static Memory<double> Of(Tensor? tensor)
    {
        if (tensor is null || tensor.numel() == 0)
            return Memory<double>.Empty;
        if (tensor.numel() > int.MaxValue / sizeof(double))
        {
            throw new ArgumentException(
                $"A tensor of {tensor.numel()} elements is too large: one of doubles that goes to the managed solver ends at 2 GiB. Use smaller batches.", nameof(tensor));
        }

        fixed (byte* bytes = tensor.bytes)
            return new TensorMemory((double*)bytes, (int)tensor.numel()).Memory;
    }

    public override Span<double> GetSpan() => new(_pointer, _length);

    // Native memory does not move.
    public override MemoryHandle Pin(int elementIndex = 0) => new(_pointer + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
