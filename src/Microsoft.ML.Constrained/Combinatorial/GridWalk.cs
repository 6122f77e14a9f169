using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Reads the path off the distances, from the end back to the start. The cost of a step belongs to the cell it enters, so the best
/// predecessor of a cell is its neighbour with the least distance (the first one in row-major order on ties).
/// </summary>
/// <remarks>
/// Where a cell's cost does not change the distance (it is zero, or lost in rounding) following the least neighbour could run in a
/// circle. There the walk crosses the level stretch with the fewest steps to a cell that has a nearer neighbour, or to the start.
/// </remarks>
internal static unsafe class GridWalk
{
    /// <summary>Writes 1 for each cell of the path and 0 elsewhere.</summary>
    /// <param name="grid">The padded grid.</param>
    /// <param name="distances">Distances by padded cell, <paramref name="lanes"/> doubles apart.</param>
    /// <param name="lanes">The distance between two cells' entries.</param>
    /// <param name="path">One entry per cell.</param>
    /// <param name="workspace">Room for the search on level stretches.</param>
    public static void Run(GridGeometry grid, double* distances, int lanes, Span<float> path, GridWorkspace workspace)
    {
        path.Clear();
        Array.Fill(workspace.Toward, -1);
        int start = grid.ToPadded(grid.Start), at = grid.ToPadded(grid.End);
        path[grid.End] = 1;
        ReadOnlySpan<int> steps = grid.Steps;
        while (at != start)
        {
            int best = at;
            double least = distances[at * lanes];
            foreach (int step in steps)
            {
                double distance = distances[(at + step) * lanes];
                if (distance < least)
                {
                    least = distance;
                    best = at + step;
                }
            }

            at = best != at ? best : CrossLevel(grid, distances, lanes, at, path, workspace);
            path[grid.FromPadded(at)] = 1;
        }
    }

    // Breadth first over cells of equal distance; marks the way and returns its last cell.
    private static int CrossLevel(
        GridGeometry grid, double* distances, int lanes, int from, Span<float> path, GridWorkspace workspace)
    {
        int[] queue = workspace.Queue, toward = workspace.Toward;
        double level = distances[from * lanes];
        int start = grid.ToPadded(grid.Start), head = 0, tail = 0;
        queue[tail++] = from;
        toward[from] = from;
        while (head < tail)
        {
            int at = queue[head++];
            bool leaves = at == start;
            foreach (int step in grid.Steps)
                leaves |= distances[(at + step) * lanes] < level;
            if (leaves)
            {
                for (int cell = at; cell != from; cell = toward[cell])
                    path[grid.FromPadded(cell)] = 1;
                foreach (int cell in queue.AsSpan(0, tail))
                    toward[cell] = -1;
                return at;
            }

            foreach (int step in grid.Steps)
            {
                int next = at + step;
                if (toward[next] < 0 && distances[next * lanes] == level)
                {
                    toward[next] = at;
                    queue[tail++] = next;
                }
            }
        }

        throw new InvalidOperationException("The distances on the grid do not lead back to the start.");
    }
}
