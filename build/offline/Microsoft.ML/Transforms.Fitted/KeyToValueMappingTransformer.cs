using System;
using System.Globalization;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(KeyToValueMappingTransformer), null, typeof(SignatureLoadModel), "",
    KeyToValueMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>
/// Puts the values that keys stand for (the annotation KeyValues) into a column; a missing key gives NaN, empty text or zero.
/// </summary>
public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToValueTransform";

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "KEY2VALT",
        verWrittenCur: 0x00010001,
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: UpstreamAssemblies.Data);

    internal KeyToValueMappingTransformer(IHostEnvironment env, params (string outputColumnName, string inputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), columns) { }

    private KeyToValueMappingTransformer(IHost host, ModelLoadContext ctx) : base(host, ctx) { }

    private static KeyToValueMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());
        return new KeyToValueMappingTransformer(env.Register(nameof(KeyToValueMappingTransformer)), ctx);
    }

    internal (string outputColumnName, string inputColumnName)[] Columns => ColumnPairs;

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // the columns
        SaveColumns(ctx);
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapperBase
    {
        private readonly KeyToValueMappingTransformer _parent;
        private readonly VectorDataViewType[] _values;

        public Mapper(KeyToValueMappingTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), parent, schema)
        {
            _parent = parent;
            _values = parent.ColumnPairs.Select((_, i) =>
            {
                var input = InputSchema[ColMapNewToOld[i]];
                var values = input.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type as VectorDataViewType;
                Contracts.Check(values != null, "Metadata KeyValues does not exist");
                Contracts.Check(((input.Type as VectorDataViewType)?.ItemType ?? input.Type) is KeyDataViewType key
                    && (ulong)values.Size == key.Count,
                    "KeyValues metadata size does not match column type key count");
                return values;
            }).ToArray();
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => _parent.ColumnPairs.Select((pair, i) =>
        {
            var input = InputSchema[ColMapNewToOld[i]];
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(input.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
            DataViewType type = input.Type is VectorDataViewType vector ? new VectorDataViewType(_values[i].ItemType, vector.Dimensions)
                : _values[i].ItemType;
            return new DataViewSchema.DetachedColumn(pair.outputColumnName, type, annotations.ToAnnotations());
        }).ToArray();

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            var column = InputSchema[ColMapNewToOld[iinfo]];
            var key = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
            return Generics.Call<Delegate>(typeof(Mapper), null, column.Type is VectorDataViewType ? nameof(VectorGetter) : nameof(Getter),
                key.RawType, _values[iinfo].ItemType.RawType, input, column, _values[iinfo].ItemType);
        }

        private static Func<TKey, TValue> Map<TKey, TValue>(DataViewSchema.Column column, PrimitiveDataViewType type)
        {
            VBuffer<TValue> buffer = default;
            column.GetKeyValues(ref buffer);
            var values = buffer.DenseValues().ToArray();
            var missing = MissingValues.ValueOrDefault<TValue>(type);
            return key => Convert.ToUInt64(key, CultureInfo.InvariantCulture) is var k && k > 0 && k <= (ulong)values.Length
                ? values[k - 1] : missing;
        }

        private static Delegate Getter<TKey, TValue>(DataViewRow row, DataViewSchema.Column column, PrimitiveDataViewType type)
        {
            var getter = row.GetGetter<TKey>(column);
            var map = Map<TKey, TValue>(column, type);
            TKey key = default;
            return (ValueGetter<TValue>)((ref TValue value) =>
            {
                getter(ref key);
                value = map(key);
            });
        }

        // Dense, unless the input is sparse and its zeros, missing keys, stand for the default.
        private static Delegate VectorGetter<TKey, TValue>(DataViewRow row, DataViewSchema.Column column, PrimitiveDataViewType type)
        {
            var getter = row.GetGetter<VBuffer<TKey>>(column);
            var map = Map<TKey, TValue>(column, type);
            bool keepsZeros = MissingValues.TestOrNull<TValue>(type) == null || type is KeyDataViewType;
            VBuffer<TKey> keys = default;
            return (ValueGetter<VBuffer<TValue>>)((ref VBuffer<TValue> values) =>
            {
                getter(ref keys);
                bool sparse = keepsZeros && !keys.IsDense;
                var editor = VBufferEditor.Create(ref values, keys.Length, sparse ? keys.GetValues().Length : keys.Length);
                int at = 0;
                foreach (var (slot, key) in keys.Items(all: !sparse))
                {
                    if (sparse)
                        editor.Indices[at] = slot;
                    editor.Values[at++] = map(key);
                }
                values = editor.Commit();
            });
        }
    }
}
