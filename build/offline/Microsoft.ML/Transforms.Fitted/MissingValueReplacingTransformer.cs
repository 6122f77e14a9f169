using System;
using System.Linq;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(MissingValueReplacingTransformer), null, typeof(SignatureLoadModel), "",
    MissingValueReplacingTransformer.LoadName)]

namespace Microsoft.ML.Transforms;

/// <summary>Replaces NaN in columns of Single or Double with one value, or with one for each slot.</summary>
public sealed class MissingValueReplacingTransformer : OneToOneTransformerBase
{
    internal const string LoadName = "NAReplaceTransform";
    private const int MostSlots = 1 << 24;

    /// <summary>For each column a float[] or a double[].</summary>
    private readonly Array[] _values;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "NAREP TF",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010002,
        loaderSignature: LoadName,
        loaderAssemblyName: UpstreamAssemblies.Transforms);

    private MissingValueReplacingTransformer(IHost host, (string, string)[] columns, Array[] values) : base(host, columns) =>
        _values = values;

    private MissingValueReplacingTransformer(IHost host, ModelLoadContext ctx) : base(host, ctx) => _values = ColumnPairs.Select(_ =>
    {
        bool wide = ctx.Reader.ReadBoolean();
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count is > 0 and <= MostSlots && count <= ctx.Header.CbModel);
        return wide
            ? (Array)Enumerable.Range(0, count).Select(_ => ctx.Reader.ReadDouble()).ToArray()
            : Enumerable.Range(0, count).Select(_ => ctx.Reader.ReadSingle()).ToArray();
    }).ToArray();

    private static MissingValueReplacingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());
        return new MissingValueReplacingTransformer(env.Register(LoadName), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // the columns; for each: bool: Double; int: number of values, 1 for all slots; the values
        SaveColumns(ctx);
        foreach (var values in _values)
        {
            ctx.Writer.Write(values is double[]);
            ctx.Writer.Write(values.Length);
            foreach (object value in values)
            {
                if (value is float single)
                    ctx.Writer.Write(single);
                else
                    ctx.Writer.Write((double)value);
            }
        }
    }

    internal static MissingValueReplacingTransformer Train(IHostEnvironment env, IDataView input,
        MissingValueReplacingEstimator.ColumnOptions[] columns)
    {
        var inputSchema = input.Schema;
        var values = columns.Select(column =>
        {
            var source = inputSchema.GetColumnOrNull(column.InputColumnName)
                ?? throw Contracts.ExceptSchemaMismatch(nameof(input), "input", column.InputColumnName);
            var item = Item(source.Type);
            if (WhyNot(item, item is KeyDataViewType) is { } reason)
                throw Contracts.ExceptParam(nameof(inputSchema), reason);
            return item.RawType == typeof(float)
                ? (Array)ColumnImputer.Fit<float>(input, source, column.Replacement, column.ImputeBySlot)
                : ColumnImputer.Fit<double>(input, source, column.Replacement, column.ImputeBySlot);
        }).ToArray();
        return new MissingValueReplacingTransformer(env.Register(nameof(MissingValueReplacingTransformer)),
            columns.Select(c => (c.Name, c.InputColumnName)).ToArray(), values);
    }

    private static DataViewType Item(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    /// <summary>Why missing values of the item type cannot be replaced; null when they can.</summary>
    internal static string WhyNot(DataViewType itemType, bool isKey) =>
        isKey ? $"Type '{itemType}' is not supported by {LoadName} since its NA value is equivalent to its default value"
        : itemType.Equals(NumberDataViewType.Single) || itemType.Equals(NumberDataViewType.Double) ? null
        : $"Type '{itemType}' is not supported by {LoadName} since it doesn't have an NA value";

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        var type = inputSchema[srcCol].Type;
        var item = Item(type);
        if (WhyNot(item, item is KeyDataViewType) is { } reason)
            throw Contracts.ExceptParam(nameof(inputSchema), reason);
        var values = _values[col];
        string name = ColumnPairs[col].inputColumnName;
        if (item.RawType != values.GetType().GetElementType())
            throw Contracts.ExceptParam(nameof(inputSchema),
                $"Column '{name}' item type '{values.GetType().GetElementType().Name}' does not match expected ColumnType of '{type}'");
        if (values.Length > 1 && (type as VectorDataViewType)?.Size != values.Length)
            throw Contracts.ExceptParam(nameof(inputSchema),
                $"Column '{name}' has type '{type}', but replacement values for {values.Length} slots were fitted");
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapperBase
    {
        private readonly MissingValueReplacingTransformer _parent;

        public Mapper(MissingValueReplacingTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), parent, schema) => _parent = parent;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => _parent.ColumnPairs.Select((pair, i) =>
        {
            var input = InputSchema[ColMapNewToOld[i]];
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(input.Annotations, name => name is AnnotationUtils.Kinds.SlotNames or AnnotationUtils.Kinds.IsNormalized);
            return new DataViewSchema.DetachedColumn(pair.outputColumnName, input.Type, annotations.ToAnnotations());
        }).ToArray();

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            var column = InputSchema[ColMapNewToOld[iinfo]];
            return _parent._values[iinfo] is float[] single ? Getter(input, column, single)
                : Getter(input, column, (double[])_parent._values[iinfo]);
        }

        private static Delegate Getter<T>(DataViewRow row, DataViewSchema.Column column, T[] replacements)
            where T : struct, IFloatingPointIeee754<T>
        {
            if (column.Type is not VectorDataViewType)
            {
                var getScalar = row.GetGetter<T>(column);
                return (ValueGetter<T>)((ref T value) =>
                {
                    getScalar(ref value);
                    if (T.IsNaN(value))
                        value = replacements[0];
                });
            }
            var getter = row.GetGetter<VBuffer<T>>(column);
            VBuffer<T> source = default;
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) =>
            {
                getter(ref source);
                Contracts.Check(replacements.Length == 1 || source.Length == replacements.Length,
                    $"Column '{column.Name}': expected {replacements.Length} slots, but got {source.Length}");
                Replace(in source, replacements, ref destination);
            });
        }

        // Dense stays dense; a sparse vector loses the slots that become zero.
        private static void Replace<T>(in VBuffer<T> source, T[] replacements, ref VBuffer<T> destination)
            where T : struct, IFloatingPointIeee754<T>
        {
            var values = source.GetValues();
            var indices = source.GetIndices();
            var editor = VBufferEditor.Create(ref destination, source.Length, values.Length);
            int count = 0;
            for (int i = 0; i < values.Length; i++)
            {
                int slot = source.IsDense ? i : indices[i];
                var value = T.IsNaN(values[i]) ? replacements[replacements.Length == 1 ? 0 : slot] : values[i];
                if (!source.IsDense)
                {
                    if (T.IsNaN(values[i]) && value == T.Zero)
                        continue;
                    editor.Indices[count] = slot;
                }
                editor.Values[count++] = value;
            }
            destination = editor.CommitTruncated(count);
        }
    }
}
