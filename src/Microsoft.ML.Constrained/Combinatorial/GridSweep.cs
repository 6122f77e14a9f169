using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Distances from the start cell of eight grids side by side, by sweeps over the rows (label correcting) that run until no row changes.
/// </summary>
/// <remarks>
/// The distances d solve d(v) = c(v) + min d(neighbours), d(start) = c(start). Rounded addition is monotone, so these equations have one
/// greatest solution whatever the order of the updates, and Dijkstra's method finds the same doubles. Only distances up to that of the
/// end cell are brought to their final value: no cell further away can lie on a shortest path.
/// </remarks>
internal static unsafe class GridSweep
{
    /// <summary>Grids solved side by side.</summary>
    public const int Lanes = 8;

    // A labyrinth can need a sweep for every bend; past this many row updates per row Dijkstra's method is cheaper.
    private const int UpdatesPerRow = 48;

    /// <summary>Runs the sweeps.</summary>
    /// <param name="grid">The padded grid.</param>
    /// <param name="costs">Costs by cell and lane: cell · <see cref="Lanes"/> + lane.</param>
    /// <param name="distances">Receives distances by padded cell and lane; the border is infinite.</param>
    /// <param name="pending">A flag for each row and the two border rows.</param>
    /// <returns>False when the limit on updates was reached: the distances are then not final.</returns>
    public static bool Run<TLanes>(GridGeometry grid, double* costs, double* distances, Span<bool> pending)
        where TLanes : struct, ILaneBlock<TLanes>
    {
        new Span<double>(distances, grid.PaddedCells * Lanes).Fill(double.PositiveInfinity);
        int start = grid.ToPadded(grid.Start);
        new Span<double>(costs + grid.Start * Lanes, Lanes).CopyTo(new Span<double>(distances + start * Lanes, Lanes));
        double* end = distances + grid.ToPadded(grid.End) * Lanes;
        pending.Clear();

        // Its neighbours too: a single column has nothing to change in the start's own row.
        pending.Slice(start / grid.Stride - 1, 3).Fill(true);
        int left = UpdatesPerRow * (grid.Rows + 1);
        bool down = grid.Start <= grid.End;
        while (true)
        {
            bool any = false;
            for (int i = 1; i <= grid.Rows; i++)
            {
                int row = down ? i : grid.Rows + 1 - i;
                if (!pending[row])
                    continue;
                pending[row] = false;
                any = true;
                double* rowCosts = costs + (row - 1) * grid.Columns * Lanes;
                double* rowDistances = distances + row * grid.Stride * Lanes;
                bool changed = grid.Diagonal
                    ? UpdateEight<TLanes>(rowCosts, rowDistances, grid.Columns, grid.Stride, TLanes.Load(end))
                    : UpdateFour<TLanes>(rowCosts, rowDistances, grid.Columns, grid.Stride, TLanes.Load(end));
                if (changed)
                {
                    pending[row - 1] = true;
                    pending[row + 1] = true;
                }

                if (--left == 0)
                    return false;
            }

            if (!any)
                return true;
            down = !down;
        }
    }

    private static bool UpdateEight<TLanes>(double* costs, double* distances, int columns, int stride, TLanes end)
        where TLanes : struct, ILaneBlock<TLanes>
    {
        double* above = distances - stride * Lanes;
        double* below = distances + stride * Lanes;
        TLanes left = TLanes.Load(distances);
        TLanes old = TLanes.Load(distances + Lanes);
        TLanes before = TLanes.Min(TLanes.Load(above), TLanes.Load(below));
        TLanes here = TLanes.Min(TLanes.Load(above + Lanes), TLanes.Load(below + Lanes));
        TLanes changed = default;
        for (int x = 1; x <= columns; x++)
        {
            int next = (x + 1) * Lanes;
            TLanes after = TLanes.Min(TLanes.Load(above + next), TLanes.Load(below + next));
            TLanes right = TLanes.Load(distances + next);
            TLanes cost = TLanes.Load(costs + (x - 1) * Lanes);
            TLanes best = TLanes.Min(TLanes.Min(before, here), TLanes.Min(after, right));

            // The neighbour on the left was written a step ago: adding to it apart keeps that dependence short.
            TLanes reached = TLanes.Min(old, TLanes.Add(best, cost));
            reached = TLanes.Min(reached, TLanes.Add(left, cost));
            changed = TLanes.Or(changed, TLanes.Lowered(reached, old, end));
            reached.Store(distances + x * Lanes);
            left = reached;
            old = right;
            before = here;
            here = after;
        }

        return BackAlongRow(costs, distances, columns, end, changed);
    }

    private static bool UpdateFour<TLanes>(double* costs, double* distances, int columns, int stride, TLanes end)
        where TLanes : struct, ILaneBlock<TLanes>
    {
        double* above = distances - stride * Lanes;
        double* below = distances + stride * Lanes;
        TLanes left = TLanes.Load(distances);
        TLanes changed = default;
        for (int x = 1; x <= columns; x++)
        {
            int at = x * Lanes;
            TLanes cost = TLanes.Load(costs + at - Lanes);
            TLanes old = TLanes.Load(distances + at);
            TLanes best = TLanes.Min(TLanes.Load(above + at), TLanes.Load(below + at));
            best = TLanes.Min(best, TLanes.Load(distances + at + Lanes));
            TLanes reached = TLanes.Min(old, TLanes.Add(best, cost));
            reached = TLanes.Min(reached, TLanes.Add(left, cost));
            changed = TLanes.Or(changed, TLanes.Lowered(reached, old, end));
            reached.Store(distances + at);
            left = reached;
        }

        return BackAlongRow(costs, distances, columns, end, changed);
    }

    private static bool BackAlongRow<TLanes>(double* costs, double* distances, int columns, TLanes end, TLanes changed)
        where TLanes : struct, ILaneBlock<TLanes>
    {
        TLanes right = TLanes.Load(distances + columns * Lanes);
        for (int x = columns - 1; x >= 1; x--)
        {
            TLanes old = TLanes.Load(distances + x * Lanes);
            TLanes reached = TLanes.Min(old, TLanes.Add(right, TLanes.Load(costs + (x - 1) * Lanes)));
            changed = TLanes.Or(changed, TLanes.Lowered(reached, old, end));
            reached.Store(distances + x * Lanes);
            right = reached;
        }

        return TLanes.Any(changed);
    }
}
