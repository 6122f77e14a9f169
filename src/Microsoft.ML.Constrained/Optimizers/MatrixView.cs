namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>A matrix in memory, by the distances between its rows and between its columns; a transpose costs nothing.</summary>
internal readonly unsafe struct MatrixView<T>(T* data, int rows, int columns, nint rowStride, nint columnStride)
    where T : unmanaged
{
    public T* Data { get; } = data;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public nint RowStride { get; } = rowStride;

    public nint ColumnStride { get; } = columnStride;

    public MatrixView<T> Transposed => new(Data, Columns, Rows, ColumnStride, RowStride);
}
