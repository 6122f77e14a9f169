using System;

namespace Microsoft.ML.Constrained.Data;

/// <summary>A cursor that was asked for none of the stage's own columns: nothing is computed and nothing read ahead.</summary>
internal sealed class PassThroughCursor(DataViewRowCursor source, BoundStage bound, bool[] active) : StageCursor(source, bound, active)
{
    public override long Position => Source.Position;

    public override long Batch => Source.Batch;

    public override bool MoveNext() => Source.MoveNext();

    public override ValueGetter<Microsoft.ML.Data.DataViewRowId> GetIdGetter() => Source.GetIdGetter();

    protected override Delegate GetterOf<TValue>(int column) => Source.GetGetter<TValue>(Source.Schema[Bound.SourceOf(column)]);
}
