using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Computes the columns of <typeparamref name="TDst"/> from those of <typeparamref name="TSrc"/> by a delegate, called at most once a row.
/// </summary>
public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly IHost _host;
    private readonly Action<TSrc, TDst> _mapAction;
    private readonly string _contractName;

    internal InternalSchemaDefinition AddedSchema { get; }
    internal SchemaDefinition InputSchemaDefinition { get; }

    bool ITransformer.IsRowToRowMapper => true;

    internal CustomMappingTransformer(IHostEnvironment env, Action<TSrc, TDst> mapAction, string contractName,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(mapAction, nameof(mapAction));
        _host = env.Register(nameof(CustomMappingTransformer<TSrc, TDst>));
        _mapAction = mapAction;
        _contractName = contractName;
        InputSchemaDefinition = inputSchemaDefinition;
        AddedSchema = outputSchemaDefinition == null
            ? InternalSchemaDefinition.Create(typeof(TDst), SchemaDefinition.Direction.Write)
            : InternalSchemaDefinition.Create(typeof(TDst), outputSchemaDefinition);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.Check(_contractName != null, "Empty contract name for a transform: the transform cannot be saved");
        LambdaTransform.SaveCustomTransformer(ctx, _contractName, _mapAction.Method.DeclaringType.Assembly.FullName);
    }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return RowToRowMapperTransform.GetOutputSchema(inputSchema, MakeRowMapper(inputSchema));
    }

    public IDataView Transform(IDataView input) => View(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return View(new EmptyDataView(inputSchema));
    }

    private RowToRowMapperTransform View(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new RowToRowMapperTransform(_host, input, MakeRowMapper(input.Schema), MakeRowMapper);
    }

    private IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper(CustomMappingTransformer<TSrc, TDst> parent, DataViewSchema inputSchema) : IRowMapper
    {
        private readonly RowFiller<TSrc> _filler = new(inputSchema, ignoreMissingColumns: false, parent.InputSchemaDefinition);

        public DataViewSchema.DetachedColumn[] GetOutputColumns() => parent.AddedSchema.DetachedColumns();

        // Any added column needs all input columns.
        public Func<int, bool> GetDependencies(Func<int, bool> activeOutput)
        {
            if (!Enumerable.Range(0, parent.AddedSchema.Columns.Length).Any(activeOutput))
                return _ => false;
            var needed = _filler.Columns.Select(c => c.Index).ToHashSet();
            return needed.Contains;
        }

        public Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null;
            var columns = parent.AddedSchema.Columns;
            if (!Enumerable.Range(0, columns.Length).Any(activeOutput))
                return new Delegate[columns.Length];
            var fill = _filler.Bind(input);
            var source = new TSrc();
            var result = new TDst();
            long position = -1;
            return RowSource.MakeGetters(parent.AddedSchema, () =>
            {
                if (position != input.Position)
                {
                    fill(source);
                    parent._mapAction(source, result);
                    position = input.Position;
                }
                return result;
            }, activeOutput);
        }

        public ITransformer GetTransformer() => parent;
    }
}
