using System;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ValueToKeyMappingTransformer), null, typeof(SignatureLoadModel), "",
    ValueToKeyMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Puts the key of each value into a column; values that were not seen have the missing key.</summary>
public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TermTransform";

    private const string Vocabulary = "Vocabulary";

    private readonly TermMap[] _maps;
    private readonly bool[] _asText;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "TERMTRNF",
        verWrittenCur: 0x00010003,
        verReadableCur: 0x00010003,
        verWeCanReadBack: 0x00010003,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: UpstreamAssemblies.Data);

    private static VersionInfo GetVocabularyVersionInfo() => new(
        modelSignature: "TERM MAN",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010002,
        loaderSignature: "TermManager",
        loaderAssemblyName: UpstreamAssemblies.Data);

    private ValueToKeyMappingTransformer(IHost host, (string, string)[] columns, TermMap[] maps, bool[] asText) : base(host, columns)
    {
        _maps = maps;
        _asText = asText;
    }

    private ValueToKeyMappingTransformer(IHost host, ModelLoadContext ctx) : base(host, ctx)
    {
        _asText = ColumnPairs.Select(_ => ctx.Reader.ReadBoolean()).ToArray();
        TermMap[] maps = null;
        ctx.TryProcessSubModel(Vocabulary, sub =>
        {
            sub.CheckAtModel(GetVocabularyVersionInfo());
            Contracts.CheckDecode(sub.Reader.ReadInt32() == ColumnPairs.Length);
            maps = ColumnPairs.Select(_ => TermMap.Load(sub)).ToArray();
        });
        Contracts.CheckDecode(maps != null, "Missing Vocabulary model");
        _maps = maps;
    }

    private static ValueToKeyMappingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());
        return new ValueToKeyMappingTransformer(env.Register(nameof(ValueToKeyMappingTransformer)), ctx);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // the columns; bool[]: whether key values are shown as text; beside this model one with int: number of maps, and the maps
        SaveColumns(ctx);
        foreach (bool asText in _asText)
            ctx.Writer.Write(asText);
        ctx.SaveSubModel(Vocabulary, sub =>
        {
            sub.SetVersionInfo(GetVocabularyVersionInfo());
            sub.Writer.Write(_maps.Length);
            foreach (var map in _maps)
                map.Save(sub);
            // For people who look into the file; never read.
            sub.SaveTextStream("Terms.txt", writer => Array.ForEach(_maps, map => map.WriteText(writer)));
        });
    }

    internal static ValueToKeyMappingTransformer Train(IHostEnvironment env, IDataView input,
        ValueToKeyMappingEstimator.ColumnOptionsBase[] columns, IDataView keyData)
    {
        var host = env.Register("Term");
        using var channel = host.Start("Training");
        var inputSchema = input.Schema;
        var maps = new TermMap[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            var column = columns[i];
            var source = inputSchema.GetColumnOrNull(column.InputColumnName)
                ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", column.InputColumnName);
            if (!TermMap.CanMap(Item(source.Type)))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", column.InputColumnName,
                    "standard type or a vector of standard type", source.Type.ToString());
            Contracts.CheckUserArg(keyData != null || column.MaximumNumberOfKeys > 0, "MaxNumTerms", "Must be positive");
            bool sorted = column.KeyOrdinality == ValueToKeyMappingEstimator.KeyOrdinality.ByValue;
            maps[i] = keyData == null
                ? TermMap.Train(input, source, sorted, column.MaximumNumberOfKeys)
                : TermMap.Train(keyData, keyData.Schema[0], sorted, int.MaxValue);
            if (!maps[i].ItemType.Equals(Item(source.Type)))
                throw Contracts.ExceptParam(nameof(keyData),
                    $"Terms from input data type '{maps[i].ItemType}' but mismatches column '{column.OutputColumnName}' " +
                    $"item type '{Item(source.Type)}'");
            if (maps[i].Count == 0)
                channel.Warning(MessageSensitivity.Schema, $"Term map for output column '{column.OutputColumnName}' contains no entries.");
        }
        return new ValueToKeyMappingTransformer(host, columns.Select(c => (c.OutputColumnName, c.InputColumnName)).ToArray(), maps,
            columns.Select(c => c.AddKeyValueAnnotationsAsText).ToArray());
    }

    private static DataViewType Item(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    private protected override void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol)
    {
        var item = Item(inputSchema[srcCol].Type);
        if (!item.Equals(_maps[col].ItemType))
            throw Contracts.Except($"Could not apply a map over type '{_maps[col].ItemType}' to column " +
                $"'{ColumnPairs[col].inputColumnName}' since it has type '{item}'");
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : OneToOneMapperBase
    {
        private readonly ValueToKeyMappingTransformer _parent;

        public Mapper(ValueToKeyMappingTransformer parent, DataViewSchema schema)
            : base(parent.Host.Register(nameof(Mapper)), parent, schema) => _parent = parent;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => _parent.ColumnPairs.Select((pair, i) =>
        {
            var input = InputSchema[ColMapNewToOld[i]];
            var annotations = new DataViewSchema.Annotations.Builder();
            _parent._maps[i].AddKeyValues(annotations, input, _parent._asText[i]);
            annotations.Add(input.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
            var key = _parent._maps[i].OutputType;
            DataViewType type = input.Type is VectorDataViewType vector ? new VectorDataViewType(key, vector.Dimensions) : key;
            return new DataViewSchema.DetachedColumn(pair.outputColumnName, type, annotations.ToAnnotations());
        }).ToArray();

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            return _parent._maps[iinfo].Getter(input, InputSchema[ColMapNewToOld[iinfo]]);
        }
    }
}
