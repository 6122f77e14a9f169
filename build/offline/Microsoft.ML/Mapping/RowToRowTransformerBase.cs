using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A transformer bound to an input schema: the columns that it adds and how each is computed.</summary>
internal interface IRowMapper
{
    DataViewSchema.DetachedColumn[] GetOutputColumns();

    /// <summary>Which input columns the active added columns need.</summary>
    Func<int, bool> GetDependencies(Func<int, bool> activeOutput);

    /// <summary>A getter of each active added column (else null).</summary>
    Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer);

    ITransformer GetTransformer();
}

/// <summary>
/// A transformer that computes added columns row by row. To write one: derive, pass a host, make a <see cref="MapperBase"/> in
/// <see cref="MakeRowMapper"/> (checking the schema there) and write the block in <see cref="SaveModel"/>, which begins with
/// <c>ctx.CheckAtModel(); ctx.SetVersionInfo(...)</c>. An added column with the name of an existing one comes right behind it and hides it.
/// The estimator derives from <see cref="TrivialEstimator{TTransformer}"/> when nothing is learnt. The loader is found by an assembly
/// attribute <c>LoadableClass(typeof(X), null, typeof(SignatureLoadModel), "name", X.LoaderSignature)</c> and a private static
/// <c>Create(IHostEnvironment, ModelLoadContext)</c>. Columns that come one from one: <see cref="OneToOneTransformerBase"/>.
/// </summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected readonly IHost Host;

    private protected RowToRowTransformerBase(IHost host)
    {
        Contracts.CheckValue(host, nameof(host));
        Host = host;
    }

    bool ITransformer.IsRowToRowMapper => true;

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveModel(ctx);

    private protected abstract void SaveModel(ModelSaveContext ctx);

    private protected abstract IRowMapper MakeRowMapper(DataViewSchema schema);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return RowToRowMapperTransform.GetOutputSchema(inputSchema, MakeRowMapper(inputSchema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return MakeDataTransform(new EmptyDataView(inputSchema));
    }

    public IDataView Transform(IDataView input) => MakeDataTransform(input);

    private protected RowToRowMapperTransform MakeDataTransform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new RowToRowMapperTransform(Host, input, MakeRowMapper(input.Schema), MakeRowMapper);
    }

    private protected abstract class MapperBase : IRowMapper
    {
        protected readonly IHost Host;
        protected readonly DataViewSchema InputSchema;
        protected readonly Lazy<DataViewSchema.DetachedColumn[]> OutputColumns;
        private readonly RowToRowTransformerBase _parent;

        protected MapperBase(IHost host, DataViewSchema inputSchema, RowToRowTransformerBase transformer)
        {
            Host = host;
            InputSchema = inputSchema;
            OutputColumns = new(GetOutputColumnsCore);
            _parent = transformer;
        }

        protected abstract DataViewSchema.DetachedColumn[] GetOutputColumnsCore();

        protected abstract Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer);

        private protected abstract Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput);

        DataViewSchema.DetachedColumn[] IRowMapper.GetOutputColumns() => OutputColumns.Value;

        Func<int, bool> IRowMapper.GetDependencies(Func<int, bool> activeOutput) => GetDependenciesCore(activeOutput);

        public Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            var getters = new Delegate[OutputColumns.Value.Length];
            disposer = null;
            for (int i = 0; i < getters.Length; i++)
                if (activeOutput(i))
                {
                    getters[i] = MakeGetter(input, i, activeOutput, out var one);
                    disposer += one;
                }
            return getters;
        }

        public ITransformer GetTransformer() => _parent;
    }
}

/// <summary>A transformer whose every added column is made of one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    private protected readonly (string outputColumnName, string inputColumnName)[] ColumnPairs;

    private protected OneToOneTransformerBase(IHost host, params (string outputColumnName, string inputColumnName)[] columns) : base(host)
    {
        Contracts.CheckValue(columns, nameof(columns));
        Contracts.CheckParam(columns.All(c => !string.IsNullOrEmpty(c.outputColumnName) && !string.IsNullOrEmpty(c.inputColumnName)),
            nameof(columns), "columns cannot be null or empty");
        var names = new HashSet<string>();
        foreach (var (output, _) in columns)
            if (!names.Add(output))
                throw Contracts.ExceptParam(nameof(columns), $"Output column '{output}' specified multiple times");
        ColumnPairs = columns;
    }

    private protected OneToOneTransformerBase(IHost host, ModelLoadContext ctx) : this(host, LoadColumns(ctx)) { }

    private static (string, string)[] LoadColumns(ModelLoadContext ctx)
    {
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0 && count <= ctx.Header.CbModel);
        var pairs = new (string, string)[count];
        for (int i = 0; i < count; i++)
            pairs[i] = (ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
        return pairs;
    }

    private protected void SaveColumns(ModelSaveContext ctx)
    {
        ctx.Writer.Write(ColumnPairs.Length);
        foreach (var (output, input) in ColumnPairs)
        {
            ctx.SaveNonEmptyString(output);
            ctx.SaveNonEmptyString(input);
        }
    }

    /// <summary>Throws when the input column of a pair has a type that will not do.</summary>
    private protected virtual void CheckInputColumn(DataViewSchema inputSchema, int col, int srcCol) { }

    private protected abstract class OneToOneMapperBase : MapperBase
    {
        /// <summary>The input column of each pair.</summary>
        protected readonly Dictionary<int, int> ColMapNewToOld = [];

        protected OneToOneMapperBase(IHost host, OneToOneTransformerBase parent, DataViewSchema inputSchema)
            : base(host, inputSchema, parent)
        {
            for (int i = 0; i < parent.ColumnPairs.Length; i++)
            {
                string name = parent.ColumnPairs[i].inputColumnName;
                var column = inputSchema.GetColumnOrNull(name) ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", name);
                parent.CheckInputColumn(inputSchema, i, column.Index);
                ColMapNewToOld.Add(i, column.Index);
            }
        }

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            var needed = new HashSet<int>(ColMapNewToOld.Where(p => activeOutput(p.Key)).Select(p => p.Value));
            return needed.Contains;
        }
    }
}

/// <summary>An estimator that has nothing to learn: Fit only checks the schema.</summary>
public abstract class TrivialEstimator<TTransformer> : IEstimator<TTransformer> where TTransformer : class, ITransformer
{
    private protected readonly IHost Host;
    private protected readonly TTransformer Transformer;

    private protected TrivialEstimator(IHost host, TTransformer transformer)
    {
        Contracts.CheckValue(host, nameof(host));
        Contracts.CheckValue(transformer, nameof(transformer));
        Host = host;
        Transformer = transformer;
    }

    public TTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        Transformer.GetOutputSchema(input.Schema);
        return Transformer;
    }

    public abstract SchemaShape GetOutputSchema(SchemaShape inputSchema);
}
