using System;
using System.Threading;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Keeps a few workspaces between calls, so that a solver called in a loop allocates nothing.</summary>
internal sealed class WorkspacePool
{
    private readonly SolverWorkspace?[] _slots = new SolverWorkspace?[Math.Max(4, Environment.ProcessorCount)];

    /// <summary>A free workspace, or null when all are in use.</summary>
    public SolverWorkspace? TryRent()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is not null && Interlocked.Exchange(ref _slots[i], null) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Gives a workspace back; one too many is left to the garbage collector.</summary>
    public void Return(SolverWorkspace workspace)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is null && Interlocked.CompareExchange(ref _slots[i], workspace, null) is null)
                return;
        }
    }
}
