using System;
using System.IO;
using System.Linq;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(NormalizingTransformer), null, typeof(SignatureLoadModel), "", NormalizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Scales columns of Single or Double as fitted.</summary>
public sealed class NormalizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "Normalizer";
    private const byte SingleKind = 9;
    private const byte DoubleKind = 10;

    private readonly NormalizerFunction[] _functions;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "NORMALZR",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010002,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: UpstreamAssemblies.Data);

    private NormalizingTransformer(IHost host, (string, string)[] columns, NormalizerFunction[] functions) : base(host, columns) =>
        _functions = functions;

    private NormalizingTransformer(IHost host, ModelLoadContext ctx) : base(host, ctx) =>
        _functions = ColumnPairs.Select((_, i) =>
        {
            var type = LoadType(ctx.Reader);
            NormalizerFunction function = null;
            ctx.TryProcessSubModel(Directory(i), sub => function = NormalizerFunction.Load(sub, type));
            return function ?? throw Contracts.ExceptDecode("Corrupt model file");
        }).ToArray();

    private static string Directory(int column) => $"Normalizer_{column:000}";

    private static NormalizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());
        return new NormalizingTransformer(env.Register(nameof(NormalizingTransformer)), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // the columns; for each its type, and beside this model one of its function
        SaveColumns(ctx);
        for (int i = 0; i < _functions.Length; i++)
        {
            SaveType(ctx.Writer, _functions[i].Type);
            ctx.SaveSubModel(Directory(i), _functions[i].Save);
        }
    }

    // bool: vector; byte: the item's kind; of a vector also int: number of dimensions, int[]: dimensions
    private static void SaveType(BinaryWriter writer, DataViewType type)
    {
        var vector = type as VectorDataViewType;
        writer.Write(vector != null);
        writer.Write((vector?.ItemType ?? type).RawType == typeof(float) ? SingleKind : DoubleKind);
        if (vector == null)
            return;
        writer.Write(vector.Dimensions.Length);
        foreach (int dimension in vector.Dimensions)
            writer.Write(dimension);
    }

    private static DataViewType LoadType(BinaryReader reader)
    {
        bool isVector = reader.ReadBoolean();
        byte kind = reader.ReadByte();
        Contracts.CheckDecode(kind is SingleKind or DoubleKind);
        var item = kind == SingleKind ? NumberDataViewType.Single : NumberDataViewType.Double;
        if (!isVector)
            return item;
        int count = reader.ReadInt32();
        Contracts.CheckDecode(count is > 0 and <= 32);
        var dimensions = Enumerable.Range(0, count).Select(_ => reader.ReadInt32()).ToArray();
        Contracts.CheckDecode(dimensions.All(d => d > 0) && dimensions.Aggregate(1.0, (all, d) => all * d) <= int.MaxValue);
        return new VectorDataViewType(item, dimensions);
    }

    /// <summary>One pass over the rows for all columns; it ends when every column has seen as many as it wants.</summary>
    internal static NormalizingTransformer Train(IHostEnvironment env, IDataView data, NormalizingEstimator.ColumnOptionsBase[] columns)
    {
        var sources = columns.Select(c => data.Schema.GetColumnOrNull(c.InputColumnName)
            ?? throw Contracts.ExceptSchemaMismatch(nameof(data), "input", c.InputColumnName)).ToArray();
        using var progress = env.StartProgressChannel("Normalize");
        using var cursor = data.GetRowCursor(sources);
        var fits = columns.Select((c, i) => Fit.Of(c, cursor, sources[i])).ToArray();
        for (long row = 0; fits.Any(f => row < f.Options.MaximumExampleCount) && cursor.MoveNext(); row++)
        {
            foreach (var fit in fits)
            {
                if (row < fit.Options.MaximumExampleCount)
                    fit.Add();
            }
        }
        return new NormalizingTransformer(env.Register(nameof(NormalizingTransformer)),
            columns.Select(c => (c.Name, c.InputColumnName)).ToArray(), Array.ConvertAll(fits, f => f.Finish()));
    }

    /// <summary>The statistics of one column while the rows pass.</summary>
    private abstract class Fit
    {
        public NormalizingEstimator.ColumnOptionsBase Options { get; private init; }

        private protected DataViewType Type { get; private init; }

        public abstract void Add();

        public abstract NormalizerFunction Finish();

        public static Fit Of(NormalizingEstimator.ColumnOptionsBase options, DataViewRow row, DataViewSchema.Column column)
        {
            var item = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
            if (column.Type is VectorDataViewType { IsKnownSize: false }
                || (!item.Equals(NumberDataViewType.Single) && !item.Equals(NumberDataViewType.Double)))
                throw Contracts.ExceptParam("srcType",
                    "Wrong column type for input column. Expected: Single, Double, Vector of Single or Vector of Double. " +
                    $"Got: {column.Type}.");
            return item.Equals(NumberDataViewType.Single)
                ? new Fit<float>(row, column) { Options = options, Type = column.Type }
                : new Fit<double>(row, column) { Options = options, Type = column.Type };
        }
    }

    private sealed class Fit<T> : Fit where T : struct, IFloatingPointIeee754<T>
    {
        private readonly SlotStatistics<T> _statistics;
        private readonly ValueGetter<T> _scalar;
        private readonly ValueGetter<VBuffer<T>> _vector;
        private VBuffer<T> _buffer;

        public Fit(DataViewRow row, DataViewSchema.Column column)
        {
            var vector = column.Type as VectorDataViewType;
            _statistics = new SlotStatistics<T>(vector?.Size ?? 1);
            if (vector == null)
                _scalar = row.GetGetter<T>(column);
            else
                _vector = row.GetGetter<VBuffer<T>>(column);
        }

        public override void Add()
        {
            if (_scalar != null)
            {
                T value = default;
                _scalar(ref value);
                _statistics.Add(value);
                return;
            }
            _vector(ref _buffer);
            Contracts.Check(_buffer.Length == _statistics.Slots, $"Expected {_statistics.Slots} slots, but got {_buffer.Length}");
            _statistics.Add(in _buffer);
        }

        public override NormalizerFunction Finish() => Options.Function(Type, _statistics);
    }

    public NormalizerModelParametersBase GetNormalizerModelParameters(int index)
    {
        Contracts.CheckUserArg(index >= 0 && index < _functions.Length, nameof(index),
            $"Not valid. Valid range is from 0 (inclusive) to {_functions.Length} (exclusive) but got {index}.");
        return _functions[index].Parameters;
    }

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        var type = inputSchema[srcCol].Type;
        if (type is VectorDataViewType { IsKnownSize: false })
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", ColumnPairs[col].inputColumnName,
                "scalar or known-size vector of Single", "variable-size vector");
        var item = (type as VectorDataViewType)?.ItemType ?? type;
        var fitted = _functions[col].Type;
        if (!item.Equals((fitted as VectorDataViewType)?.ItemType ?? fitted) || type is VectorDataViewType != fitted is VectorDataViewType)
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", ColumnPairs[col].inputColumnName, fitted.ToString(),
                type.ToString());
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapperBase
    {
        private readonly NormalizingTransformer _parent;

        public Mapper(NormalizingTransformer parent, DataViewSchema schema) : base(parent.Host.Register(nameof(Mapper)), parent, schema) =>
            _parent = parent;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => _parent.ColumnPairs.Select((pair, i) =>
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.AddPrimitiveValue(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
            annotations.Add(InputSchema[ColMapNewToOld[i]].Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
            return new DataViewSchema.DetachedColumn(pair.outputColumnName, _parent._functions[i].Type, annotations.ToAnnotations());
        }).ToArray();

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            return _parent._functions[iinfo].Getter(input, InputSchema[ColMapNewToOld[iinfo]]);
        }
    }

    public abstract class NormalizerModelParametersBase
    {
        private protected NormalizerModelParametersBase() { }
    }

    /// <summary>(value - Offset) · Scale; both are arrays for a vector column.</summary>
    public sealed class AffineNormalizerModelParameters<TData> : NormalizerModelParametersBase
    {
        public TData Scale { get; }
        public TData Offset { get; }

        internal AffineNormalizerModelParameters(TData scale, TData offset)
        {
            Scale = scale;
            Offset = offset;
        }
    }

    /// <summary>The normal distribution function of the value; both are arrays for a vector column.</summary>
    public sealed class CdfNormalizerModelParameters<TData> : NormalizerModelParametersBase
    {
        public TData Mean { get; }
        public TData StandardDeviation { get; }
        public bool UseLog { get; }

        internal CdfNormalizerModelParameters(TData mean, TData standardDeviation, bool useLog)
        {
            Mean = mean;
            StandardDeviation = standardDeviation;
            UseLog = useLog;
        }
    }
}
