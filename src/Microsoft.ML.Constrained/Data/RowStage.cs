using System.Collections.Generic;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Data;

/// <summary>
/// What a stage does to rows, free of ML.NET's cursors: named <c>Single</c> columns in, new columns out, many rows at a time.
/// Immutable and safe to use from any number of threads at once. A row's outputs depend on that row's inputs alone.
/// </summary>
internal abstract class RowStage
{
    /// <summary>The columns that are read. A name that occurs twice is read twice.</summary>
    public abstract IReadOnlyList<StageInput> Inputs { get; }

    /// <summary>Most rows that are handed to <see cref="Map"/> at once.</summary>
    public abstract int BatchSize { get; }

    /// <summary>Threads that the work of a batch is spread over; 0: one for each processor. With 1, all work is done by the reader's thread.</summary>
    public abstract int Threads { get; }

    /// <summary>The columns that are added to <paramref name="input"/>, whose columns <see cref="Inputs"/> were checked before.</summary>
    public abstract IReadOnlyList<StageOutput> DescribeOutputs(DataViewSchema input);

    /// <summary>Fills the wanted outputs of <paramref name="batch"/> from its inputs.</summary>
    public abstract void Map(StageBatch batch);

    /// <summary>Called once when a cursor ends, so that rows without a solution are reported in one line and not one by one.</summary>
    public virtual void Report(IHost host, StageBatch batch)
    {
    }
}
