using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Workspaces of a layer that are not in use. After a backward pass a workspace goes back although the graph may be walked once
/// more: whoever needs it again gets it as long as nobody has worked with it since.
/// </summary>
/// <typeparam name="T">What is worked on.</typeparam>
internal sealed class WorkspacePool<T>
    where T : Workspace, new()
{
    private const int Most = 16;

    // Taken from the front, put back at the end: the contents stay for as long as there are others.
    private readonly LinkedList<T> _idle = new();
    private long _generation;

    /// <summary>A workspace of any contents, with a generation of its own.</summary>
    public T Rent()
    {
        lock (_idle)
        {
            T workspace;
            if (_idle.First is { } first)
            {
                workspace = first.Value;
                _idle.RemoveFirst();
            }
            else
            {
                workspace = new T();
            }

            workspace.Generation = ++_generation;
            return workspace;
        }
    }

    /// <summary>Takes a certain workspace if it is idle and still of that generation.</summary>
    public bool TryReclaim(T workspace, long generation)
    {
        lock (_idle)
            return workspace.Generation == generation && _idle.Remove(workspace);
    }

    /// <summary>Puts a workspace back.</summary>
    public void Return(T workspace)
    {
        lock (_idle)
        {
            if (_idle.Count < Most)
                _idle.AddLast(workspace);
        }
    }
}
