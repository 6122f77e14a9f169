using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Data;

/// <summary>The statuses of the rows of one cursor or row object: as a key column, as one warning for all, or as an exception.</summary>
internal sealed class RowStatuses
{
    private static readonly string[] s_names = [.. Enum.GetValues<SolverStatus>().Where(s => s != SolverStatus.NotSolved).Select(s => s.ToString())];

    private readonly long[] _counts = new long[s_names.Length + 1];
    private SolverStatus[] _statuses = [];

    /// <summary>A status column: key k is the k-th status, 0 (missing) is <see cref="SolverStatus.NotSolved"/>.</summary>
    public static StageOutput Column(string name) =>
        new(name, new KeyDataViewType(typeof(uint), s_names.Length), Annotate.KeyValues(s_names));

    /// <summary>Room for the statuses of a batch.</summary>
    public Span<SolverStatus> Reserve(StageBatch batch)
    {
        if (_statuses.Length < batch.Rows)
            _statuses = new SolverStatus[batch.Capacity];
        return _statuses.AsSpan(0, batch.Rows);
    }

    /// <summary>Counts the batch's statuses, copies them to <paramref name="keys"/> if somebody wants them, and throws if the policy says so.</summary>
    /// <exception cref="InvalidOperationException">The policy is <see cref="RowPolicy.Throw"/> and a row has no solution; the message names the row and the reason.</exception>
    public void Record(StageBatch batch, Span<uint> keys, string stage, RowPolicy policy)
    {
        for (int i = 0; i < batch.Rows; i++)
        {
            SolverStatus status = _statuses[i];
            _counts[(int)status]++;
            if (!keys.IsEmpty)
                keys[i] = (uint)status;
            if (status != SolverStatus.Solved && policy == RowPolicy.Throw)
                throw Failed(batch.FirstPosition + i, status, stage);
        }
    }

    /// <summary>One warning about all rows without a solution; nothing when there is none.</summary>
    public void Report(IHost host, string stage, RowPolicy policy)
    {
        long all = _counts.Sum(), solved = _counts[(int)SolverStatus.Solved];
        if (all == solved)
            return;
        IEnumerable<string> parts = _counts
            .Select((count, status) => (Count: count, Status: (SolverStatus)status))
            .Where(p => p.Count > 0 && p.Status != SolverStatus.Solved)
            .Select(p => $"{p.Count} {p.Status}");
        using IChannel channel = host.Start("Scoring");
        channel.Warning(MessageSensitivity.Schema, "{0}", $"{stage}: {all - solved} of {all} rows were not solved ({string.Join(", ", parts)}); the policy is {policy}.");
    }

    private static InvalidOperationException Failed(long row, SolverStatus status, string stage)
    {
        string reason = status switch
        {
            SolverStatus.PrimalInfeasible => "no point satisfies its constraints",
            SolverStatus.DualInfeasible => "its objective falls without bound",
            SolverStatus.InvalidInput => "what it is made from holds a NaN, an infinity, or a number that is not taken there (such as a negative cost)",
            _ => $"the solver ended with status {status}",
        };
        return new InvalidOperationException(
            $"Row {row} of {stage}: {reason}. The policy is {nameof(RowPolicy)}.{RowPolicy.Throw}; choose another one to get a result with a status instead.");
    }
}
