using System;
using System.Collections;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor, in its own order whatever its strides; writing goes through to the tensor.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;
    private Tensor _tensor;
    private T* _data;

    internal TensorAccessor(Tensor tensor)
    {
        if (tensor.device_type is not (DeviceType.CPU or DeviceType.META))
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move the tensor to the CPU first.");
        _data = (T*)tensor.DataPointer;
        if (tensor.is_meta)
            throw new ExternalException("A meta tensor has no data.");
        _tensor = tensor;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
    }

    internal static ScalarType ElementType { get; } = typeof(T) switch
    {
        var t when t == typeof(double) => ScalarType.Float64,
        var t when t == typeof(float) => ScalarType.Float32,
        var t when t == typeof(Half) => ScalarType.Float16,
        var t when t == typeof(long) => ScalarType.Int64,
        var t when t == typeof(int) => ScalarType.Int32,
        var t when t == typeof(short) => ScalarType.Int16,
        var t when t == typeof(sbyte) => ScalarType.Int8,
        var t when t == typeof(byte) => ScalarType.Byte,
        var t when t == typeof(bool) => ScalarType.Bool,
        _ => throw new NotSupportedException($"A tensor has no elements of type {typeof(T)}."),
    };

    public long Count => _tensor?.numel() ?? 0;

    private T* Data => _data is not null || Count == 0 ? _data : throw new ObjectDisposedException(nameof(TensorAccessor<T>));

    public T[] ToArray()
    {
        long count = Count;
        if (count == 0)
            return Array.Empty<T>();
        var array = new T[count];
        if (_contiguous)
            new Span<T>(Data, array.Length).CopyTo(array);
        else
            for (long i = 0; i < count; i++)
                array[i] = Data[Offset(i)];
        GC.KeepAlive(this);
        return array;
    }

    public T this[params long[] indices]
    {
        get
        {
            T value = Data[Offset(indices)];
            GC.KeepAlive(this);
            return value;
        }
        set
        {
            Data[Offset(indices)] = value;
            GC.KeepAlive(this);
        }
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        for (long i = tensorIndex; i < Count; i++)
            array[arrayIndex++] = Data[Offset(i)];
        GC.KeepAlive(this);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        for (long i = tensorIndex; i < Count; i++)
            Data[Offset(i)] = array[arrayIndex++];
        GC.KeepAlive(this);
    }

    public IEnumerator<T> GetEnumerator()
    {
        long count = Count;
        for (long i = 0; i < count; i++)
            yield return At(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        _tensor = null;
        _data = null;
    }

    private T At(long index)
    {
        T value = Data[Offset(index)];
        GC.KeepAlive(this);
        return value;
    }

    private long Offset(long index)
    {
        if (_contiguous)
            return index;
        long offset = 0;
        for (int d = _shape.Length - 1; d >= 0; d--)
        {
            (index, long along) = Math.DivRem(index, _shape[d]);
            offset += along * _strides[d];
        }
        return offset;
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1 && _shape.Length != 1)
            return Offset(indices[0]);
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"{indices.Length} indices for a tensor of {_shape.Length} dimensions.", nameof(indices));
        long offset = 0;
        for (int d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)_shape[d])
                throw new IndexOutOfRangeException($"Index {indices[d]} in dimension {d} of length {_shape[d]}.");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }
}
