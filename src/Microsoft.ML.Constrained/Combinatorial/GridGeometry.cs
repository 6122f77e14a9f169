namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// A grid with a border of one unreachable cell on each side, so that no kernel asks whether a neighbour exists.
/// Cell (row, column) has the padded index (row + 1)·(columns + 2) + column + 1.
/// </summary>
internal sealed class GridGeometry
{
    public GridGeometry(int rows, int columns, int start, int end, GridNeighbourhood neighbourhood)
    {
        Rows = rows;
        Columns = columns;
        Stride = columns + 2;
        PaddedCells = (rows + 2) * Stride;
        Start = start;
        End = end;
        Diagonal = neighbourhood == GridNeighbourhood.Eight;

        // In ascending order of the cell index: this order is the stated rule for ties.
        Steps = Diagonal
            ? [-Stride - 1, -Stride, -Stride + 1, -1, 1, Stride - 1, Stride, Stride + 1]
            : [-Stride, -1, 1, Stride];
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Stride { get; }

    public int PaddedCells { get; }

    /// <summary>The cell row · columns + column that the path starts at.</summary>
    public int Start { get; }

    public int End { get; }

    public bool Diagonal { get; }

    /// <summary>Differences of padded indices to the neighbours.</summary>
    public int[] Steps { get; }

    public int ToPadded(int cell) => (cell / Columns + 1) * Stride + cell % Columns + 1;

    public int FromPadded(int padded) => (padded / Stride - 1) * Columns + padded % Stride - 1;
}
