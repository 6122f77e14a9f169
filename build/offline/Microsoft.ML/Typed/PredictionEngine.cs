using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML
{
    /// <summary>
    /// Predicts one example at a time. Not for several threads at once. Disposing it disposes its model, unless told otherwise.
    /// </summary>
    public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
        where TSrc : class
        where TDst : class, new()
    {
        private readonly ObjectRow<TSrc> _input;
        private readonly Action<TDst> _fill;
        private readonly bool _ownsTransformer;
        private bool _disposed;

        private protected PredictionEngineBase(IHostEnvironment env, ITransformer transformer, bool ignoreMissingColumns,
            SchemaDefinition inputSchemaDefinition, SchemaDefinition outputSchemaDefinition, bool ownsTransformer)
        {
            Contracts.CheckValue(transformer, nameof(transformer));
            Contracts.CheckParam(transformer.IsRowToRowMapper, nameof(transformer), "Must be a row to row mapper");
            Transformer = transformer;
            _ownsTransformer = ownsTransformer;
            _input = new ObjectRow<TSrc>(inputSchemaDefinition);
            var mapper = transformer.GetRowToRowMapper(_input.Schema);
            var filler = new RowFiller<TDst>(mapper.OutputSchema, ignoreMissingColumns, outputSchemaDefinition);
            _fill = filler.Bind(mapper.GetRow(_input, mapper.OutputSchema));
            OutputSchema = transformer.GetOutputSchema(_input.Schema);
        }

        public DataViewSchema OutputSchema { get; }

        internal ITransformer Transformer { get; }

        public TDst Predict(TSrc example)
        {
            var result = new TDst();
            Predict(example, ref result);
            return result;
        }

        public abstract void Predict(TSrc example, ref TDst prediction);

        internal void ExtractValues(TSrc example) => _input.Take(example);

        internal void FillValues(TDst prediction) => _fill(prediction);

        public void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            _input.Dispose();
            if (_ownsTransformer)
                (Transformer as IDisposable)?.Dispose();
        }
    }

    public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
        where TSrc : class
        where TDst : class, new()
    {
        internal PredictionEngine(IHostEnvironment env, ITransformer transformer, bool ignoreMissingColumns,
            SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null, bool ownsTransformer = true)
            : base(env, transformer, ignoreMissingColumns, inputSchemaDefinition, outputSchemaDefinition, ownsTransformer) { }

        public override void Predict(TSrc example, ref TDst prediction)
        {
            Contracts.CheckValue(example, nameof(example));
            ExtractValues(example);
            prediction ??= new TDst();
            FillValues(prediction);
        }
    }

    public sealed class PredictionEngineOptions
    {
        public bool IgnoreMissingColumns = true;
        public SchemaDefinition InputSchemaDefinition;
        public SchemaDefinition OutputSchemaDefinition;
        public bool OwnsTransformer = true;
    }

    public sealed partial class ModelOperationsCatalog
    {
        public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, bool ignoreMissingColumns = true,
            SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
            where TSrc : class
            where TDst : class, new() =>
            new(_env, transformer, ignoreMissingColumns, inputSchemaDefinition, outputSchemaDefinition);

        public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, DataViewSchema inputSchema)
            where TSrc : class
            where TDst : class, new() =>
            new(_env, transformer, false, SchemaDefinition.Create(typeof(TSrc), inputSchema));

        public PredictionEngine<TSrc, TDst> CreatePredictionEngine<TSrc, TDst>(ITransformer transformer, PredictionEngineOptions options)
            where TSrc : class
            where TDst : class, new() =>
            new(_env, transformer, options.IgnoreMissingColumns, options.InputSchemaDefinition, options.OutputSchemaDefinition,
                options.OwnsTransformer);
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>An object as a row; its position grows with every object taken.</summary>
    internal sealed class ObjectRow<TRow> : DataViewRow where TRow : class
    {
        private readonly Delegate[] _getters;
        private TRow _current;
        private long _position = -1;

        public ObjectRow(SchemaDefinition definition)
        {
            var columns = definition == null
                ? InternalSchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read)
                : InternalSchemaDefinition.Create(typeof(TRow), definition);
            var builder = new DataViewSchema.Builder();
            builder.AddColumns(columns.DetachedColumns());
            Schema = builder.ToSchema();
            _getters = RowSource.MakeGetters(columns, () => _current, _ => true);
        }

        public void Take(TRow row)
        {
            _current = row;
            _position++;
        }

        public override long Position => _position;

        public override long Batch => 0;

        public override DataViewSchema Schema { get; }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
            id = _position >= 0 ? new DataViewRowId((ulong)_position, 0) : throw ActiveColumns.NotOnARow();

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Contracts.CheckParam(column.Index < Schema.Count, nameof(column));
            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            ActiveColumns.Checked<TValue>(IsColumnActive(column) ? _getters[column.Index] : null, column);
    }
}
