using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Distances on one grid by Dijkstra's method (1959): the way out for labyrinths that the sweeps do not finish.</summary>
internal static class GridDijkstra
{
    /// <summary>
    /// Fills <see cref="GridWorkspace.Distances"/> from <see cref="GridWorkspace.PaddedCosts"/> (infinite on the border); distances up
    /// to that of the end cell are final.
    /// </summary>
    public static void Run(GridGeometry grid, GridWorkspace workspace)
    {
        double[] distances = workspace.Distances, costs = workspace.PaddedCosts;
        MinHeap heap = workspace.Heap;
        Array.Fill(distances, double.PositiveInfinity);
        heap.Clear();
        int start = grid.ToPadded(grid.Start), end = grid.ToPadded(grid.End);
        distances[start] = costs[start];
        heap.Push(start, costs[start]);
        while (heap.Count > 0)
        {
            int cell = heap.Pop(out double distance);
            if (distance > distances[end])
                return;
            foreach (int step in grid.Steps)
            {
                int next = cell + step;
                double reached = distance + costs[next];
                if (reached < distances[next])
                {
                    distances[next] = reached;
                    heap.Push(next, reached);
                }
            }
        }
    }
}
