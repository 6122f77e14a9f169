using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>A stage row by row, as prediction engines need it. Its values equal those of <see cref="BatchedDataView"/>.</summary>
internal sealed class StageRowMapper(RowStage stage, DataViewSchema inputSchema) : IRowToRowMapper
{
    private readonly BoundStage _bound = new(stage, inputSchema);

    public DataViewSchema InputSchema => _bound.InputSchema;

    public DataViewSchema OutputSchema => _bound.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        _bound.SourceColumns(_bound.ActiveColumns(dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw new ArgumentException("The row has another schema than the one that this mapper was made for.", nameof(input));
        return new MappedRow(input, _bound, _bound.ActiveColumns(activeColumns));
    }

    private sealed class MappedRow : DataViewRow
    {
        private readonly DataViewRow _input;
        private readonly BoundStage _bound;
        private readonly bool[] _active;
        private readonly StageBatch? _batch;
        private readonly InputReader? _reader;
        private long _cachedPosition = -1;

        public MappedRow(DataViewRow input, BoundStage bound, bool[] active)
        {
            _input = input;
            _bound = bound;
            _active = active;
            bool[] wanted = bound.WantedOutputs(active);
            if (wanted.Any(w => w))
            {
                _batch = new StageBatch(bound.Stage.Inputs, bound.Outputs, wanted, 1) { Rows = 1 };
                _reader = new InputReader(input, bound);
            }
        }

        public override DataViewSchema Schema => _bound.OutputSchema;

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[CheckColumn(column)];

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[CheckColumn(column)])
                throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this row.");
            int output = _bound.OutputOf(column.Index);
            if (output < 0)
                return _input.GetGetter<TValue>(_input.Schema[_bound.SourceOf(column.Index)]);
            Delegate getter = OutputGetters.Create(_batch!, _bound.Outputs[output], output, Refresh);
            return getter as ValueGetter<TValue> ?? throw new InvalidOperationException(
                $"Invalid TValue in GetGetter for column '{column.Name}': '{typeof(TValue)}', expected type: '{column.Type.RawType}'.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }

        /// <summary>Computes the outputs once for each position of the input row.</summary>
        private int Refresh()
        {
            long position = _input.Position;
            if (position < 0)
                throw new InvalidOperationException("The input row is not on a row.");
            if (position != _cachedPosition)
            {
                _reader!.Read(_batch!, 0);
                _batch!.FirstPosition = position;
                _bound.Stage.Map(_batch);
                _cachedPosition = position;
            }

            return 0;
        }

        private int CheckColumn(DataViewSchema.Column column) =>
            column.Index < _active.Length && Schema[column.Index].Name == column.Name
                ? column.Index
                : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' (index {column.Index}) is not in this row's schema.");
    }
}
