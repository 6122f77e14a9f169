using System;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Shortest paths on a grid with a cost per cell: y is 1 on the cells of the cheapest path from the start to the end cell, both
/// included, and 0 elsewhere (the Warcraft task of Vlastelica et al. 2020 and Sahoo et al. 2023).
/// </summary>
/// <remarks>
/// Costs and decisions are row-major: entry row · <see cref="Columns"/> + column. Costs must not be negative. Ties: walking back from
/// the end, the neighbour nearest to the start, and among equals the first in row-major order; across cells whose cost leaves the
/// distance as it is, the fewest steps.
/// </remarks>
public sealed class GridShortestPathSolver : CombinatorialSolver
{
    /// <summary>The most cells of a grid.</summary>
    public const int MaxCells = 1 << 22;

    // Larger grids leave the caches eight times over when solved side by side.
    private const int MaxLaneCells = 1 << 16;

    private readonly GridGeometry _grid;

    /// <summary>Paths from the top left to the bottom right cell.</summary>
    /// <param name="rows">Rows of the grid.</param>
    /// <param name="columns">Columns of the grid.</param>
    /// <param name="neighbourhood">Whether diagonal steps are allowed.</param>
    public GridShortestPathSolver(int rows, int columns, GridNeighbourhood neighbourhood = GridNeighbourhood.Eight)
        : this(rows, columns, (0, 0), (rows - 1, columns - 1), neighbourhood)
    {
    }

    /// <summary>Paths between two given cells.</summary>
    /// <param name="rows">Rows of the grid.</param>
    /// <param name="columns">Columns of the grid.</param>
    /// <param name="start">The first cell, from zero.</param>
    /// <param name="end">The last cell, from zero; may be the start.</param>
    /// <param name="neighbourhood">Whether diagonal steps are allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or a cell is out of range.</exception>
    public GridShortestPathSolver(
        int rows, int columns, (int Row, int Column) start, (int Row, int Column) end,
        GridNeighbourhood neighbourhood = GridNeighbourhood.Eight)
        : base(Cells(rows, columns), Sense.Minimize, needsNonnegativeCosts: true, uniformNormal: false)
    {
        if (neighbourhood is not (GridNeighbourhood.Four or GridNeighbourhood.Eight))
            throw new ArgumentOutOfRangeException(nameof(neighbourhood), neighbourhood, "Expected Four or Eight.");
        Start = Check(start, nameof(start), rows, columns);
        End = Check(end, nameof(end), rows, columns);
        Neighbourhood = neighbourhood;
        _grid = new GridGeometry(rows, columns, start.Row * columns + start.Column, end.Row * columns + end.Column, neighbourhood);
    }

    /// <summary>Rows of the grid.</summary>
    public int Rows => _grid.Rows;

    /// <summary>Columns of the grid.</summary>
    public int Columns => _grid.Columns;

    /// <summary>The first cell of every path, from zero.</summary>
    public (int Row, int Column) Start { get; }

    /// <summary>The last cell of every path, from zero.</summary>
    public (int Row, int Column) End { get; }

    /// <summary>The steps allowed.</summary>
    public GridNeighbourhood Neighbourhood { get; }

    private protected override SolverWorkspace CreateWorkspace() => new GridWorkspace(_grid, Dimension <= MaxLaneCells);

    private protected override unsafe void SolveRows<T>(
        ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, SolverWorkspace workspace)
    {
        if (Dimension > MaxLaneCells)
        {
            base.SolveRows(costs, decisions, statuses, workspace);
            return;
        }

        var grid = (GridWorkspace)workspace;
        for (int first = 0; first < statuses.Length; first += GridSweep.Lanes)
        {
            int count = Math.Min(GridSweep.Lanes, statuses.Length - first);
            SolveGroup(
                costs.Slice(first * Dimension, count * Dimension), decisions.Slice(first * Dimension, count * Dimension),
                statuses.Slice(first, count), grid);
        }
    }

    private unsafe void SolveGroup<T>(ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, GridWorkspace workspace)
        where T : unmanaged
    {
        for (int lane = 0; lane < GridSweep.Lanes; lane++)
        {
            // Lanes without a row of their own repeat the first one, which adds no sweeps.
            int row = lane < statuses.Length ? lane : 0;
            bool valid = CostReader.Read(costs.Slice(row * Dimension, Dimension), workspace.Costs, 1, 0);
            if (!valid)
                workspace.Costs.AsSpan().Fill(1);
            if (lane < statuses.Length)
                statuses[lane] = valid ? SolverStatus.Solved : SolverStatus.InvalidInput;
            Spread(workspace.Costs, workspace.LaneCosts, lane);
        }

        fixed (double* laneCosts = workspace.LaneCosts)
        fixed (double* laneDistances = workspace.LaneDistances)
        {
            bool finished = Vector512.IsHardwareAccelerated
                ? GridSweep.Run<WideLanes>(_grid, laneCosts, laneDistances, workspace.Pending)
                : GridSweep.Run<PairedLanes>(_grid, laneCosts, laneDistances, workspace.Pending);
            for (int lane = 0; lane < statuses.Length; lane++)
            {
                Span<float> path = decisions.Slice(lane * Dimension, Dimension);
                if (statuses[lane] != SolverStatus.Solved)
                    path.Clear();
                else if (finished)
                    GridWalk.Run(_grid, laneDistances + lane, GridSweep.Lanes, path, workspace);
                else
                    SolveAlone(laneCosts + lane, path, workspace);
            }
        }
    }

    private protected override unsafe SolverStatus SolveRow(
        ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        fixed (double* at = costs)
            SolveAlone(at, decision, (GridWorkspace)workspace, 1);
        return SolverStatus.Solved;
    }

    private unsafe void SolveAlone(double* costs, Span<float> path, GridWorkspace workspace, int lanes = GridSweep.Lanes)
    {
        double[] padded = workspace.PaddedCosts;
        Array.Fill(padded, double.PositiveInfinity);
        for (int cell = 0; cell < Dimension; cell++)
            padded[_grid.ToPadded(cell)] = costs[cell * lanes];
        GridDijkstra.Run(_grid, workspace);
        fixed (double* distances = workspace.Distances)
            GridWalk.Run(_grid, distances, 1, path, workspace);
    }

    private static unsafe void Spread(double[] costs, Span<double> laneCosts, int lane)
    {
        fixed (double* source = costs)
        fixed (double* target = laneCosts)
        {
            for (int cell = 0; cell < costs.Length; cell++)
                target[cell * GridSweep.Lanes + lane] = source[cell];
        }
    }

    private static int Cells(int rows, int columns)
    {
        if (rows < 1 || columns < 1 || (long)rows * columns > MaxCells)
        {
            throw new ArgumentOutOfRangeException(
                nameof(rows), $"{rows} × {columns}", $"A grid needs at least one cell and at most {MaxCells}.");
        }

        return rows * columns;
    }

    private static (int Row, int Column) Check((int Row, int Column) cell, string name, int rows, int columns)
    {
        if ((uint)cell.Row >= (uint)rows || (uint)cell.Column >= (uint)columns)
            throw new ArgumentOutOfRangeException(name, cell, $"Expected a cell of the {rows} × {columns} grid, counted from (0, 0).");
        return cell;
    }
}
