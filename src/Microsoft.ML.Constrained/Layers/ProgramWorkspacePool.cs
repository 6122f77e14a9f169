using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Workspaces of a layer that are not in use. After a backward pass a workspace goes back although the graph may be walked once
/// more: whoever needs it again gets it as long as nobody has solved with it since.
/// </summary>
internal sealed class ProgramWorkspacePool
{
    private const int Most = 16;

    // Taken from the front, put back at the end: the contents stay for as long as there are others.
    private readonly LinkedList<ProgramWorkspace> _idle = new();
    private long _generation;

    public ProgramWorkspace Rent()
    {
        lock (_idle)
        {
            ProgramWorkspace workspace;
            if (_idle.First is { } first)
            {
                workspace = first.Value;
                _idle.RemoveFirst();
            }
            else
            {
                workspace = new ProgramWorkspace();
            }

            workspace.Generation = ++_generation;
            return workspace;
        }
    }

    public bool TryReclaim(ProgramWorkspace workspace, long generation)
    {
        lock (_idle)
            return workspace.Generation == generation && _idle.Remove(workspace);
    }

    public void Return(ProgramWorkspace workspace)
    {
        lock (_idle)
        {
            if (_idle.Count < Most)
                _idle.AddLast(workspace);
        }
    }
}
