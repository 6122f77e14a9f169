using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Data;

/// <summary>
/// Reads rows ahead, lets the stage work on all of them, and hands them out one by one in the source's order. Where more than one
/// thread may be used, the stage works on a batch in the background while the last one is handed out and the next one is read.
/// </summary>
internal sealed class BatchedCursor : StageCursor
{
    /// <summary>Rows of the first batch; each batch doubles up to the stage's own size, so that a look at a few rows costs a few.</summary>
    private const int FirstBatch = 16;

    /// <summary>Rows of a batch from which on the work is worth a hand-over to another thread.</summary>
    private const int LeastOverlapped = 256;

    private readonly IHost _host;
    private readonly StageBatch _batch;
    private readonly InputReader _reader;
    private readonly ValueGetter<DataViewRowId> _idGetter;
    private readonly List<ColumnBuffer> _buffers = [];
    private readonly Delegate?[] _getters;
    private readonly Action _map;
    private readonly bool _overlaps;
    private DataViewRowId[] _ids = [];
    private Task? _mapping;
    private int _slot = -1, _end;
    private int _nextSize;
    private long _position = -1, _rowsRead;
    private bool _sourceEnded, _ended, _reported;

    public BatchedCursor(IHost host, DataViewRowCursor source, BoundStage bound, bool[] active)
        : base(source, bound, active)
    {
        _host = host;
        _nextSize = Math.Min(FirstBatch, bound.Stage.BatchSize);
        int threads = bound.Stage.Threads == 0 ? Environment.ProcessorCount : bound.Stage.Threads;
        _overlaps = threads > 1 && bound.Stage.BatchSize >= LeastOverlapped;
        _batch = new StageBatch(bound.Stage.Inputs, bound.Outputs, bound.WantedOutputs(active), _nextSize, _overlaps ? 2 : 1);
        _map = () => bound.Stage.Map(_batch);
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
        if (++_slot >= _end && !NextBatch())
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
            // The stage still writes to the buffers; what it throws concerns rows that nobody asks for any more.
            if (_mapping is not null)
                Task.WaitAny(_mapping);
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
        int rows = _overlaps ? 2 * _nextSize : _nextSize;
        _ids = new DataViewRowId[rows];
        foreach (ColumnBuffer buffer in _buffers)
            buffer.Reserve(rows);
    }

    /// <summary>Makes the next rows the ones that are handed out. All rows of the last batch have been.</summary>
    private bool NextBatch()
    {
        if (_mapping is null)
        {
            if (_nextSize > _batch.Capacity)
                Reserve();
            int rows = Read(0);
            if (rows == 0)
                return false;
            Map(0, rows);
        }

        // While the stage works on one part of the buffers, the other part is filled.
        int ready = _batch.First, count = _batch.Rows, other = ready == 0 ? _batch.Capacity : 0;
        int ahead = _overlaps && _batch.Capacity == Bound.Stage.BatchSize ? Read(other) : 0;

        // A failed batch stays here, and fails again whenever it is asked for.
        _mapping!.GetAwaiter().GetResult();
        _mapping = null;
        (_slot, _end) = (ready, ready + count);
        if (ahead > 0)
            Map(other, ahead);
        return true;
    }

    /// <summary>Lets the stage work on rows: in the background once batches have their full size.</summary>
    private void Map(int first, int rows)
    {
        (_batch.First, _batch.Rows, _batch.FirstPosition) = (first, rows, _rowsRead - rows);
        _mapping = new Task(_map);
        if (_overlaps && _batch.Capacity == Bound.Stage.BatchSize)
            _mapping.Start(TaskScheduler.Default);
        else
            _mapping.RunSynchronously(TaskScheduler.Default);
    }

    /// <summary>Reads a part's worth of rows into the buffers, less where the source ends.</summary>
    private int Read(int first)
    {
        int rows = 0;
        for (; rows < _batch.Capacity && !_sourceEnded; rows++)
        {
            if (!Source.MoveNext())
            {
                _sourceEnded = true;
                break;
            }

            int slot = first + rows;
            _reader.Read(_batch, slot);
            _idGetter(ref _ids[slot]);
            foreach (ColumnBuffer buffer in _buffers)
                buffer.Read(slot);
        }

        _rowsRead += rows;
        _nextSize = (int)Math.Min(2L * _nextSize, Bound.Stage.BatchSize);
        return rows;
    }

    private void Report()
    {
        if (_reported)
            return;
        _reported = true;
        Bound.Stage.Report(_host, _batch);
    }
}
