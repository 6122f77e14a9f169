using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>The arrays of one thread that solves groups of grids.</summary>
internal sealed class GridWorkspace : SolverWorkspace
{
    private readonly double[] _laneCosts;
    private readonly double[] _laneDistances;
    private readonly int _costsStart;
    private readonly int _distancesStart;

    /// <param name="grid">The grid.</param>
    /// <param name="lanes">Whether grids are solved side by side.</param>
    public GridWorkspace(GridGeometry grid, bool lanes = true)
        : base(grid.Rows * grid.Columns)
    {
        (_laneCosts, _costsStart) = NewLanes(lanes ? grid.Rows * grid.Columns : 0);
        (_laneDistances, _distancesStart) = NewLanes(lanes ? grid.PaddedCells : 0);
        Distances = new double[grid.PaddedCells];
        PaddedCosts = new double[grid.PaddedCells];
        Heap = new MinHeap(grid.PaddedCells);
        Pending = new bool[grid.Rows + 2];
        Queue = new int[grid.PaddedCells];
        Toward = new int[grid.PaddedCells];
    }

    /// <summary>Costs by cell and lane; starts on a cache line, like <see cref="LaneDistances"/>.</summary>
    public Span<double> LaneCosts => _laneCosts.AsSpan(_costsStart, _laneCosts.Length - GridSweep.Lanes);

    /// <summary>Distances by padded cell and lane.</summary>
    public Span<double> LaneDistances => _laneDistances.AsSpan(_distancesStart, _laneDistances.Length - GridSweep.Lanes);

    /// <summary>One grid's distances by padded cell.</summary>
    public double[] Distances { get; }

    public double[] PaddedCosts { get; }

    public MinHeap Heap { get; }

    public bool[] Pending { get; }

    public int[] Queue { get; }

    public int[] Toward { get; }

    // One cell's lanes fill a cache line: pinned and aligned, no load or store touches two.
    private static unsafe (double[] Array, int Start) NewLanes(int cells)
    {
        double[] array = GC.AllocateArray<double>((cells + 1) * GridSweep.Lanes, pinned: true);
        fixed (double* first = array)
            return (array, (int)((64 - (nint)first % 64) % 64 / sizeof(double)));
    }
}
