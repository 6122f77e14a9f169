using System;
using System.Collections.Generic;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Data;

/// <summary>Reads rows ahead, lets the stage work on all of them, and hands them out one by one in the source's order.</summary>
internal sealed class BatchedCursor : StageCursor
{
    /// <summary>Rows of the first batch; each batch doubles up to the stage's own size, so that a look at a few rows costs a few.</summary>
    private const int FirstBatch = 16;

    private readonly IHost _host;
    private readonly StageBatch _batch;
    private readonly InputReader _reader;
    private readonly ValueGetter<DataViewRowId> _idGetter;
    private readonly List<ColumnBuffer> _buffers = [];
    private readonly Delegate?[] _getters;
    private DataViewRowId[] _ids = [];
    private int _slot = -1;
    private int _nextSize;
    private long _position = -1;
    private bool _sourceEnded, _ended, _reported;

    public BatchedCursor(IHost host, DataViewRowCursor source, BoundStage bound, bool[] active)
        : base(source, bound, active)
    {
        _host = host;
        _nextSize = Math.Min(FirstBatch, bound.Stage.BatchSize);
        _batch = new StageBatch(bound.Stage.Inputs, bound.Outputs, bound.WantedOutputs(active), _nextSize);
        _reader = new InputReader(source, bound);
        _idGetter = source.GetIdGetter();
        _getters = new Delegate?[active.Length];
        var buffers = new Dictionary<int, ColumnBuffer>();
        for (int i = 0; i < active.Length; i++)
        {
            if (!active[i])
                continue;
            if (bound.OutputOf(i) is >= 0 and int output)
            {
                _getters[i] = OutputGetters.Create(_batch, bound.Outputs[output], output, CurrentSlot);
                continue;
            }

            int column = bound.SourceOf(i);
            if (!buffers.TryGetValue(column, out ColumnBuffer? buffer))
            {
                buffers.Add(column, buffer = ColumnBuffer.Create(source, source.Schema[column]));
                _buffers.Add(buffer);
            }

            _getters[i] = buffer.CreateGetter(CurrentSlot);
        }

        Reserve();
    }

    public override long Position => _position;

    /// <summary>Zero: a view of this kind gives one cursor, never a set.</summary>
    public override long Batch => 0;

    public override bool MoveNext()
    {
        if (_ended)
            return false;
        if (++_slot >= _batch.Rows && !ReadAhead())
        {
            _ended = true;
            _position = -1;
            _slot = -1;
            Report();
            return false;
        }

        _position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[CurrentSlot()];

    protected override Delegate GetterOf<TValue>(int column) => _getters[column]!;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ended = true;
            _position = -1;
            _slot = -1;
            Report();
        }

        base.Dispose(disposing);
    }

    private int CurrentSlot() => _position >= 0
        ? _slot
        : throw new InvalidOperationException("The cursor is not on a row: call MoveNext, and stop when it returns false.");

    private void Reserve()
    {
        _batch.Reserve(_nextSize);
        _ids = new DataViewRowId[_nextSize];
        foreach (ColumnBuffer buffer in _buffers)
            buffer.Reserve(_nextSize);
    }

    private bool ReadAhead()
    {
        if (_sourceEnded)
            return false;
        if (_nextSize > _batch.Capacity)
            Reserve();
        int rows = 0;
        while (rows < _batch.Capacity)
        {
            if (!Source.MoveNext())
            {
                _sourceEnded = true;
                break;
            }

            _reader.Read(_batch, rows);
            _idGetter(ref _ids[rows]);
            foreach (ColumnBuffer buffer in _buffers)
                buffer.Read(rows);
            rows++;
        }

        _batch.Rows = rows;
        _batch.FirstPosition = _position + 1;
        _slot = 0;
        _nextSize = (int)Math.Min(2L * _nextSize, Bound.Stage.BatchSize);
        if (rows == 0)
            return false;
        Bound.Stage.Map(_batch);
        return true;
    }

    private void Report()
    {
        if (_reported)
            return;
        _reported = true;
        Bound.Stage.Report(_host, _batch);
    }
}
