using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Linear assignment: y is the 0/1 matrix with min(rows, columns) ones, at most one in each row and column, of least (or greatest)
/// total cost. Rectangular problems leave the surplus rows or columns empty. Costs may have any sign.
/// </summary>
/// <remarks>
/// Shortest augmenting paths after Jonker and Volgenant 1987. Costs and decisions are row-major: entry row · <see cref="Columns"/> +
/// column. The total is optimal up to rounding in double precision. Ties: scans run in ascending order and keep the first of equal
/// values, so that equal costs always give the same assignment; which of several optima it is is not otherwise defined.
/// </remarks>
public sealed class AssignmentSolver : CombinatorialSolver
{
    /// <summary>The most rows or columns.</summary>
    public const int MaxSize = 8192;

    /// <summary>States the size of the matrix.</summary>
    /// <param name="rows">Rows of the cost matrix.</param>
    /// <param name="columns">Columns of the cost matrix.</param>
    /// <param name="sense">Whether the total is made least or greatest.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not 1 to <see cref="MaxSize"/>.</exception>
    public AssignmentSolver(int rows, int columns, Sense sense = Sense.Minimize)
        : base(Entries(rows, columns), sense, false, uniformNormal: true)
    {
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Rows of the cost matrix.</summary>
    public int Rows { get; }

    /// <summary>Columns of the cost matrix.</summary>
    public int Columns { get; }

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(Rows, Columns);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        AssignmentKernel kernel = ((Workspace)workspace).Kernel;
        Span<double> matrix = kernel.Costs;
        bool turned = Rows > Columns;
        if (turned)
        {
            for (int row = 0; row < Rows; row++)
            {
                for (int column = 0; column < Columns; column++)
                    matrix[column * kernel.Stride + row] = costs[row * Columns + column];
            }
        }
        else
        {
            for (int row = 0; row < Rows; row++)
                costs.Slice(row * Columns, Columns).CopyTo(matrix[(row * kernel.Stride)..]);
        }

        decision.Clear();
        if (!kernel.Solve())
            return SolverStatus.NumericalError;
        ReadOnlySpan<int> partners = kernel.ColumnOf;
        for (int i = 0; i < partners.Length; i++)
            decision[turned ? partners[i] * Columns + i : i * Columns + partners[i]] = 1;
        return SolverStatus.Solved;
    }

    private static int Entries(int rows, int columns)
    {
        if (rows is < 1 or > MaxSize)
            throw new ArgumentOutOfRangeException(nameof(rows), rows, $"Expected 1 to {MaxSize} rows.");
        if (columns is < 1 or > MaxSize)
            throw new ArgumentOutOfRangeException(nameof(columns), columns, $"Expected 1 to {MaxSize} columns.");
        return rows * columns;
    }

    private sealed class Workspace(int rows, int columns) : SolverWorkspace(rows * columns)
    {
        public AssignmentKernel Kernel { get; } = new(Math.Min(rows, columns), Math.Max(rows, columns));
    }
}
