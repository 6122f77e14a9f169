using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>What a fitted normalizer does to one column of Single or Double, scalar or vector of known size.</summary>
internal abstract class NormalizerFunction
{
    private const int MostSlots = 1 << 24;

    public DataViewType Type { get; private protected init; }

    public abstract NormalizingTransformer.NormalizerModelParametersBase Parameters { get; }

    public abstract Delegate Getter(DataViewRow row, DataViewSchema.Column column);

    public abstract void Save(BinaryWriter writer);

    public static NormalizerFunction Load(BinaryReader reader)
    {
        byte kind = reader.ReadByte(), bytes = reader.ReadByte();
        int dimensionCount = reader.ReadByte();
        Contracts.CheckDecode(kind <= 1 && bytes is sizeof(float) or sizeof(double));
        var item = bytes == sizeof(float) ? NumberDataViewType.Single : NumberDataViewType.Double;
        var dimensions = Enumerable.Range(0, dimensionCount).Select(_ => reader.ReadInt32()).ToArray();
        long slots = dimensions.Aggregate(1L, (all, d) => d is > 0 and <= MostSlots && all <= MostSlots ? all * d : long.MaxValue / 2 / MostSlots);
        Contracts.CheckDecode(slots <= MostSlots);
        DataViewType type = dimensionCount == 0 ? item : new VectorDataViewType(item, dimensions);
        return bytes == sizeof(float) ? Load<float>(reader, kind, type, (int)slots) : Load<double>(reader, kind, type, (int)slots);
    }

    private static NormalizerFunction Load<T>(BinaryReader reader, byte kind, DataViewType type, int slots) where T : struct, IFloatingPointIeee754<T>
    {
        T[] Read() => Enumerable.Range(0, slots).Select(_ => typeof(T) == typeof(float) ? T.CreateChecked(reader.ReadSingle()) : T.CreateChecked(reader.ReadDouble())).ToArray();
        if (kind == 1)
            return new CdfFunction<T>(type, Read(), Read());
        var scales = Read();
        return new AffineFunction<T>(type, scales, reader.ReadBoolean() ? Read() : null);
    }

    // *** Binary format ***
    // byte: 0 affine, 1 distribution function; byte: 4 Single, 8 Double; byte: number of dimensions, 0 for a scalar; int[]: dimensions
    // affine: scales, bool: with offsets, offsets; distribution function: means, standard deviations
    private protected void SaveHeader(BinaryWriter writer, byte kind)
    {
        var vector = Type as VectorDataViewType;
        writer.Write(kind);
        writer.Write((byte)((vector?.ItemType ?? Type).RawType == typeof(float) ? sizeof(float) : sizeof(double)));
        writer.Write((byte)(vector?.Dimensions.Length ?? 0));
        foreach (int dimension in vector?.Dimensions ?? ImmutableArray<int>.Empty)
            writer.Write(dimension);
    }

    private protected static void Write<T>(BinaryWriter writer, T[] values) where T : INumber<T>
    {
        foreach (var value in values)
        {
            if (value is float single)
                writer.Write(single);
            else
                writer.Write(double.CreateChecked(value));
        }
    }
}

/// <summary>A value for a value, slot by slot.</summary>
internal abstract class NormalizerFunction<T> : NormalizerFunction where T : struct, IFloatingPointIeee754<T>
{
    private protected abstract int Slots { get; }

    /// <summary>Whether a zero stays a zero in every slot, so that sparse vectors need only their explicit values.</summary>
    private protected abstract bool KeepsZeros { get; }

    private protected abstract T Apply(int slot, T value);

    public override Delegate Getter(DataViewRow row, DataViewSchema.Column column)
    {
        if (Type is not VectorDataViewType)
        {
            var getScalar = row.GetGetter<T>(column);
            return (ValueGetter<T>)((ref T value) =>
            {
                getScalar(ref value);
                value = Apply(0, value);
            });
        }
        var getter = row.GetGetter<VBuffer<T>>(column);
        var writer = new SparseWriter<T>();
        VBuffer<T> source = default;
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            getter(ref source);
            Contracts.Check(source.Length == Slots, $"Normalizer expected {Slots} slots, but the input data column has {source.Length} slots.");
            writer.Reset(source.Length);
            Fill(writer, in source);
            writer.Get(ref value);
        });
    }

    private void Fill(SparseWriter<T> writer, in VBuffer<T> source)
    {
        var values = source.GetValues();
        var indices = source.GetIndices();
        if (source.IsDense || KeepsZeros)
        {
            for (int i = 0; i < values.Length; i++)
            {
                int slot = source.IsDense ? i : indices[i];
                writer.Add(slot, Apply(slot, values[i]));
            }
            return;
        }
        for (int slot = 0, i = 0; slot < source.Length; slot++)
            writer.Add(slot, Apply(slot, i < indices.Length && indices[i] == slot ? values[i++] : T.Zero));
    }
}

/// <summary>(value - offset) · scale. A scale of 0 stands for a column that tells nothing.</summary>
internal sealed class AffineFunction<T> : NormalizerFunction<T> where T : struct, IFloatingPointIeee754<T>
{
    private readonly T[] _scales;
    private readonly T[] _offsets;

    public AffineFunction(DataViewType type, T[] scales, T[] offsets)
    {
        Type = type;
        _scales = scales;
        _offsets = offsets;
    }

    private protected override int Slots => _scales.Length;
    private protected override bool KeepsZeros => _offsets == null;

    private protected override T Apply(int slot, T value) => (_offsets == null ? value : value - _offsets[slot]) * _scales[slot];

    public override NormalizingTransformer.NormalizerModelParametersBase Parameters => Type is VectorDataViewType
        ? new NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<T>>(ImmutableArray.Create(_scales), ImmutableArray.Create(_offsets))
        : new NormalizingTransformer.AffineNormalizerModelParameters<T>(_scales[0], _offsets == null ? T.Zero : _offsets[0]);

    public override void Save(BinaryWriter writer)
    {
        SaveHeader(writer, 0);
        Write(writer, _scales);
        writer.Write(_offsets != null);
        if (_offsets != null)
            Write(writer, _offsets);
    }
}

/// <summary>
/// The normal distribution function of the value, with the error function approximated in elementary functions (S. Winitzki 2008, a = 0.147).
/// Values that are not finite, sparse zeros, and columns without spread give 0.
/// </summary>
internal sealed class CdfFunction<T> : NormalizerFunction<T> where T : struct, IFloatingPointIeee754<T>
{
    private readonly T[] _means;
    private readonly T[] _deviations;

    public CdfFunction(DataViewType type, T[] means, T[] deviations)
    {
        Type = type;
        _means = means;
        _deviations = deviations;
    }

    private protected override int Slots => _means.Length;
    private protected override bool KeepsZeros => true;

    private protected override T Apply(int slot, T value)
    {
        if (!(_deviations[slot] > T.Epsilon) || !T.IsFinite(value))
            return T.Zero;
        var x = (value - _means[slot]) / _deviations[slot];
        double half = double.CreateChecked(x * x / (T.One + T.One));
        double a = double.CreateChecked(T.CreateChecked(0.147) * (x * x / (T.One + T.One)));
        return T.CreateChecked(0.5 + 0.5 * T.Sign(x) * Math.Sqrt(1 - Math.Exp(-half * (4 / Math.PI + a) / (1 + a))));
    }

    public override NormalizingTransformer.NormalizerModelParametersBase Parameters => Type is VectorDataViewType
        ? new NormalizingTransformer.CdfNormalizerModelParameters<ImmutableArray<T>>(ImmutableArray.Create(_means), ImmutableArray.Create(_deviations), false)
        : new NormalizingTransformer.CdfNormalizerModelParameters<T>(_means[0], _deviations[0], false);

    public override void Save(BinaryWriter writer)
    {
        SaveHeader(writer, 1);
        Write(writer, _means);
        Write(writer, _deviations);
    }
}
