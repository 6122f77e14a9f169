using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Data;

/// <summary>
/// A view with a stage's columns added, computed in batches behind ordinary cursors. One source cursor is read ahead; the
/// columns that are passed through are kept for the rows read ahead, so nothing upstream is computed twice.
/// </summary>
internal sealed class BatchedDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly BoundStage _bound;

    public BatchedDataView(IHost host, IDataView source, RowStage stage)
    {
        _host = host;
        _source = source;
        _bound = new BoundStage(stage, source.Schema);
    }

    /// <summary>Rows keep their ids, so a shuffled source stays one.</summary>
    public bool CanShuffle => _source.CanShuffle;

    public DataViewSchema Schema => _bound.OutputSchema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = _bound.ActiveColumns(columnsNeeded);
        DataViewRowCursor source = _source.GetRowCursor(_bound.SourceColumns(active), _source.CanShuffle ? rand : null);
        try
        {
            return _bound.WantedOutputs(active).Any(w => w)
                ? new BatchedCursor(_host, source, _bound, active)
                : new PassThroughCursor(source, _bound, active);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Always one cursor: the stage itself spreads a batch over threads.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
