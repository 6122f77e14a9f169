using System;
using System.Threading.Tasks;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Spreads rows over threads in pieces of a fixed number of rows. Rows do not depend on each other, so neither do results on the pieces.</summary>
internal static class RowSplitter
{
    /// <summary>Operations below which a second thread costs more than it brings.</summary>
    private const long WorthAThread = 100_000;

    /// <param name="rows">Rows in all.</param>
    /// <param name="piece">Rows in a piece.</param>
    /// <param name="workPerRow">About the operations a row.</param>
    /// <param name="threads">Most threads; 0 for one a processor.</param>
    /// <param name="body">Receives the first row of a piece and their number.</param>
    public static void Run(int rows, int piece, long workPerRow, int threads, Action<int, int> body)
    {
        int limit = threads == 0 ? Environment.ProcessorCount : threads;
        int pieces = (int)(((long)rows + piece - 1) / piece);
        if (limit <= 1 || pieces <= 1 || rows * (double)workPerRow < WorthAThread)
        {
            if (rows > 0)
                body(0, rows);
            return;
        }

        Parallel.For(
            0,
            pieces,
            new ParallelOptions { MaxDegreeOfParallelism = limit },
            i => body(i * piece, Math.Min(piece, rows - i * piece)));
    }
}
