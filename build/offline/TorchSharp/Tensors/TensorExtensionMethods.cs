using System;
using System.Collections.Generic;
using System.IO;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Numbers out of one-element tensors, and the binary form of tensors that modules and optimizers use.</summary>
public static class TensorExtensionMethods
{
    public static Parameter AsParameter(this Tensor tensor) => new(tensor);

    public static float ToSingle(this Tensor value) => value.ToScalar().ToSingle();
    public static double ToDouble(this Tensor value) => value.ToScalar().ToDouble();
    public static byte ToByte(this Tensor value) => value.ToScalar().ToByte();
    public static short ToInt16(this Tensor value) => value.ToScalar().ToInt16();
    public static int ToInt32(this Tensor value) => value.ToScalar().ToInt32();
    public static long ToInt64(this Tensor value) => value.ToScalar().ToInt64();
    public static bool ToBoolean(this Tensor value) => value.ToScalar().ToBoolean();

    /// <summary>Writes type, number of dimensions, dimensions (LEB128) and the elements in row-major order.</summary>
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        writer.Encode((long)tensor.dtype);
        long[] shape = tensor.shape;
        writer.Encode(shape.Length);
        foreach (long length in shape)
            writer.Encode(length);
        using Tensor here = tensor.detach().cpu();
        using Tensor flat = here.contiguous();
        writer.Write(flat.bytes);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        tensor.Save(writer);
    }

    /// <summary>Reads into an existing tensor, whose type and shape must be the stored ones; with skip only moves on.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (dtype, shape) = ReadHeader(reader);
        if (!skip)
        {
            if (dtype != tensor.dtype)
                throw new ArgumentException($"Mismatched tensor data types while loading: expected {tensor.dtype}, found {dtype}. Make sure that the model you are loading into is exactly the same as the origin.");
            if (!((ReadOnlySpan<long>)shape).SequenceEqual(tensor.shape))
                throw new ArgumentException($"Mismatched tensor shape while loading: expected [{string.Join(",", tensor.shape)}], found [{string.Join(",", shape)}]. Make sure that the model you are loading into is exactly the same as the origin.");
        }
        using Tensor stored = ReadElements(reader, dtype, shape);
        if (skip)
            return;
        using (no_grad())
            tensor.copy_(stored);
    }

    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        var (dtype, shape) = ReadHeader(reader);
        Tensor stored = ReadElements(reader, dtype, shape);
        if (!skip)
            return stored;
        stored.Dispose();
        return null;
    }

    public static void Load(ref Tensor tensor, BinaryReader reader, bool skip = false)
    {
        if (tensor is not null)
            tensor.Load(reader, skip);
        else
            tensor = Load(reader, skip);
    }

    private static (ScalarType, long[]) ReadHeader(BinaryReader reader)
    {
        long type = reader.Decode();
        if (!Enum.IsDefined((ScalarType)type))
            throw new InvalidDataException($"A stored tensor has the element type {type}, which does not exist.");
        long dims = reader.Decode();
        if (dims is < 0 or > 64)
            throw new InvalidDataException($"A stored tensor claims {dims} dimensions.");
        var shape = new long[dims];
        for (int i = 0; i < shape.Length; i++)
            shape[i] = reader.Decode();
        return ((ScalarType)type, shape);
    }

    private static Tensor ReadElements(BinaryReader reader, ScalarType dtype, long[] shape)
    {
        Tensor result = empty(shape, dtype);
        try
        {
            Span<byte> bytes = result.bytes;
            int read = 0;
            while (read < bytes.Length)
            {
                int got = reader.Read(bytes[read..]);
                if (got == 0)
                    throw new EndOfStreamException($"A tensor of {bytes.Length} bytes ends after {read}.");
                read += got;
            }
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }
}
