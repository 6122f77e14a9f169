using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;
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

    private static VersionInfo AffineVersion() => new(
        modelSignature: "AFF NORM",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010003,
        loaderSignature: "AffineNormExec",
        loaderAssemblyName: UpstreamAssemblies.Data);

    private static VersionInfo CdfVersion() => new(
        modelSignature: "CDFNORMF",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: "CdfNormalizeFunction",
        loaderAssemblyName: UpstreamAssemblies.Data);

    /// <summary>Writes the function as a model of its own.</summary>
    public abstract void Save(ModelSaveContext ctx);

    public static NormalizerFunction Load(ModelLoadContext ctx, DataViewType type)
    {
        bool single = ((type as VectorDataViewType)?.ItemType ?? type).RawType == typeof(float);
        int slots = (type as VectorDataViewType)?.Size ?? 1;
        Contracts.CheckDecode(slots is > 0 and <= MostSlots);
        return single ? Load<float>(ctx, type, slots) : Load<double>(ctx, type, slots);
    }

    private static NormalizerFunction Load<T>(ModelLoadContext ctx, DataViewType type, int slots) where T : struct, IFloatingPointIeee754<T>
    {
        var reader = ctx.Reader;
        T[] Read()
        {
            Contracts.CheckDecode((long)slots * Unsafe.SizeOf<T>() <= ctx.Header.CbModel);
            return Enumerable.Range(0, slots)
                .Select(_ => typeof(T) == typeof(float) ? T.CreateChecked(reader.ReadSingle()) : T.CreateChecked(reader.ReadDouble()))
                .ToArray();
        }
        if (ctx.Header.ModelSignature == CdfVersion().ModelSignature)
        {
            ctx.CheckAtModel(CdfVersion());
            Contracts.CheckDecode(reader.ReadInt32() == Unsafe.SizeOf<T>() && !reader.ReadBoolean() && reader.ReadInt32() == slots);
            return new CdfFunction<T>(type, Read(), Read());
        }
        ctx.CheckAtModel(AffineVersion());
        Contracts.CheckDecode(reader.ReadInt32() == Unsafe.SizeOf<T>() && reader.ReadInt32() == slots && reader.ReadInt32() == -1
            && reader.ReadInt32() == slots);
        var scales = Read();
        int offsets = reader.ReadInt32();
        Contracts.CheckDecode(offsets == 0 || offsets == slots);
        return new AffineFunction<T>(type, scales, offsets == 0 ? null : Read());
    }

    // *** Binary format ***
    // int: bytes of a number; int: slots; int: -1 (all slots are given); int: slots; scales; int: slots, or 0 without offsets; offsets
    private protected static void SaveAffine<T>(ModelSaveContext ctx, T[] scales, T[] offsets) where T : struct, INumber<T>
    {
        ctx.SetVersionInfo(AffineVersion());
        ctx.Writer.Write(Unsafe.SizeOf<T>());
        ctx.Writer.Write(scales.Length);
        ctx.Writer.Write(-1);
        ctx.Writer.Write(scales.Length);
        Write(ctx.Writer, scales);
        ctx.Writer.Write(offsets?.Length ?? 0);
        Write(ctx.Writer, offsets ?? []);
        SaveText(ctx, "AffineNormalizer.txt", null,
            scales.Select((scale, i) => $"{i}\t{(offsets == null ? T.Zero : offsets[i])}\t{scale}"));
    }

    // *** Binary format ***
    // int: bytes of a number; bool: of logarithms (never); int: slots; means; standard deviations
    private protected static void SaveCdf<T>(ModelSaveContext ctx, T[] means, T[] deviations) where T : struct, INumber<T>
    {
        ctx.SetVersionInfo(CdfVersion());
        ctx.Writer.Write(Unsafe.SizeOf<T>());
        ctx.Writer.Write(false);
        ctx.Writer.Write(means.Length);
        Write(ctx.Writer, means);
        Write(ctx.Writer, deviations);
        SaveText(ctx, "CdfNormalizer.txt", "Log=False", means.Select((mean, i) => $"{mean}\t{deviations[i]}"));
    }

    // For people who look into the file; never read.
    private static void SaveText(ModelSaveContext ctx, string name, string mode, IEnumerable<string> slots)
    {
        var lines = slots.ToArray();
        ctx.SaveTextStream(name, writer =>
        {
            writer.WriteLine($"NumNormalizationFeatures={lines.Length}");
            if (mode != null)
                writer.WriteLine(mode);
            foreach (string line in lines)
                writer.WriteLine(line);
        });
    }

    private static void Write<T>(BinaryWriter writer, T[] values) where T : INumber<T>
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
            Contracts.Check(source.Length == Slots,
                $"Normalizer expected {Slots} slots, but the input data column has {source.Length} slots.");
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
        ? new NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<T>>(ImmutableArray.Create(_scales),
            ImmutableArray.Create(_offsets))
        : new NormalizingTransformer.AffineNormalizerModelParameters<T>(_scales[0], _offsets == null ? T.Zero : _offsets[0]);

    public override void Save(ModelSaveContext ctx) => SaveAffine(ctx, _scales, _offsets);
}

/// <summary>
/// The normal distribution function of the value, with the error function approximated in elementary functions
/// (S. Winitzki 2008, a = 0.147).
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
        ? new NormalizingTransformer.CdfNormalizerModelParameters<ImmutableArray<T>>(ImmutableArray.Create(_means),
            ImmutableArray.Create(_deviations), false)
        : new NormalizingTransformer.CdfNormalizerModelParameters<T>(_means[0], _deviations[0], false);

    public override void Save(ModelSaveContext ctx) => SaveCdf(ctx, _means, _deviations);
}
