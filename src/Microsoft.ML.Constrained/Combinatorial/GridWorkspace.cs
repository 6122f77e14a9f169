using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>The arrays of one thread that solves groups of grids.</summary>
internal sealed class GridWorkspace : SolverWorkspace
{
    /// <param name="grid">The grid.</param>
    /// <param name="lanes">Whether grids are solved side by side.</param>
    public GridWorkspace(GridGeometry grid, bool lanes = true)
        : base(grid.Rows * grid.Columns)
    {
        // Pinned, so that the kernels may keep plain pointers.
        LaneCosts = GC.AllocateArray<double>(lanes ? grid.Rows * grid.Columns * GridSweep.Lanes : 0, pinned: true);
        LaneDistances = GC.AllocateArray<double>(lanes ? grid.PaddedCells * GridSweep.Lanes : 0, pinned: true);
        Distances = new double[grid.PaddedCells];
        PaddedCosts = new double[grid.PaddedCells];
        Heap = new MinHeap(grid.PaddedCells);
        Pending = new bool[grid.Rows + 2];
        Queue = new int[grid.PaddedCells];
        Toward = new int[grid.PaddedCells];
    }

    public double[] LaneCosts { get; }

    public double[] LaneDistances { get; }

    /// <summary>One grid's distances by padded cell.</summary>
    public double[] Distances { get; }

    public double[] PaddedCosts { get; }

    public MinHeap Heap { get; }

    public bool[] Pending { get; }

    public int[] Queue { get; }

    public int[] Toward { get; }
}
