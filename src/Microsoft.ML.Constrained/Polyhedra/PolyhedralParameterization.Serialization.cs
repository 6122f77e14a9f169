using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained;

public sealed partial class PolyhedralParameterization
{
    private const int FreeKind = 0, HalfLineKind = 1, IntervalKind = 2, ReflectorKind = 3, GeneratorBlockKind = 4;

    /// <summary>Most variables of a parameterisation that is read.</summary>
    private const int MaxDimension = 1 << 24;

    // *** Binary format *** (all numbers little-endian)
    // byte       RayActivation
    // double     box radius, 0 for none
    // byte       PolyhedralForm that was asked for
    // int32      n
    // int32      number of blocks
    // for each   byte kind, int32 s, int32[s] variables, then
    //            1 half-lines: double[s] bounds, double[s] signs
    //            2 intervals: double[s] lower, double[s] upper
    //            3 independent rows: int32 equalities, int32 q, double[q·s] reflections, double[q] point, double[(q−equalities)·q] rays
    //            4 generators: int32 segments, (byte kind, int32 group, int32 count) each, double[s] offset, double[K·s]

    /// <summary>Writes the parameterisation with its generators, so that reading it back gives the same numbers on every machine.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((byte)_settings.RayActivation);
        writer.Write(_settings.BoxRadius ?? 0);
        writer.Write((byte)_settings.Form);
        writer.Write(Dimension);
        writer.Write(_blocks.Length);
        foreach (ParameterBlock block in _blocks)
        {
            writer.Write((byte)KindOf(block));
            writer.Write(block.Size);
            foreach (int variable in _order.Variables.AsSpan(block.FirstVariable, block.Size))
                writer.Write(variable);
            block.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="reader">Where from; a stream whose length is known.</param>
    /// <exception cref="FormatException">The content contradicts itself or ends too early.</exception>
    public static PolyhedralParameterization Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        try
        {
            return ReadCore(reader);
        }
        catch (Exception e) when (e is EndOfStreamException or OverflowException)
        {
            throw new FormatException($"The parameterisation is truncated or altered: {e.Message}", e);
        }
    }

    private static PolyhedralParameterization ReadCore(BinaryReader reader)
    {
        var settings = new PolyhedralSettings { RayActivation = (RayActivation)reader.ReadByte() };
        double radius = reader.ReadDouble();
        settings.BoxRadius = radius == 0 ? null : radius;
        settings.Form = (PolyhedralForm)reader.ReadByte();
        try
        {
            settings.Validate();
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }

        int dimension = reader.ReadInt32(), count = reader.ReadInt32();
        if (dimension is < 1 or > MaxDimension || count < 1 || count > dimension)
            throw new FormatException($"it claims {dimension} variables in {count} blocks");
        ParameterFile.CheckRemaining(reader, dimension, sizeof(int));
        var seen = new bool[dimension];
        var blocks = new List<(ParameterBlock Block, int[] Variables)>();
        long activations = 0;
        for (int b = 0; b < count; b++)
        {
            int kind = reader.ReadByte(), size = reader.ReadInt32();
            if (size < 1 || size > dimension)
                throw new FormatException($"a block claims {size} of {dimension} variables");
            ParameterFile.CheckRemaining(reader, size, sizeof(int));
            var variables = new int[size];
            for (int i = 0; i < size; i++)
            {
                variables[i] = reader.ReadInt32();
                if (variables[i] < 0 || variables[i] >= dimension || seen[variables[i]])
                    throw new FormatException($"variable {variables[i]} is out of range or in two blocks");
                seen[variables[i]] = true;
            }

            ParameterBlock block = ReadBlock(reader, kind, size);
            activations += block.ActivationCount;
            blocks.Add((block, variables));
        }

        if (Array.IndexOf(seen, false) is >= 0 and int missing)
            throw new FormatException($"variable {missing} is in no block");
        return activations <= Array.MaxLength ? new PolyhedralParameterization(blocks, settings) : throw new FormatException("it has too many activations");
    }

    private static ParameterBlock ReadBlock(BinaryReader reader, int kind, int size) => kind switch
    {
        FreeKind => new FreeBlock(size),
        HalfLineKind => HalfLineBlock.Read(reader, size),
        IntervalKind => IntervalBlock.Read(reader, size),
        ReflectorKind => ReflectorBlock.Read(reader, size),
        GeneratorBlockKind => GeneratorBlock.Read(reader, size),
        _ => throw new FormatException($"a block has the unknown kind {kind}"),
    };

    private static int KindOf(ParameterBlock block) => block switch
    {
        FreeBlock => FreeKind,
        HalfLineBlock => HalfLineKind,
        IntervalBlock => IntervalKind,
        ReflectorBlock => ReflectorKind,
        _ => GeneratorBlockKind,
    };
}
