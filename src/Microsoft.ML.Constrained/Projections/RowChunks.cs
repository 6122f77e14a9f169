using System;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>Runs a body over chunks of rows of a fixed size, so that what is computed together does not depend on the number of threads.</summary>
internal static class RowChunks
{
    /// <param name="rows">Rows in all.</param>
    /// <param name="chunk">Rows in a chunk, the last excepted.</param>
    /// <param name="threads">Most threads to use, the caller's among them.</param>
    /// <param name="body">Receives the first row and the number of rows of a chunk, and which of the workers runs it: 0 to threads − 1.</param>
    public static void Run(int rows, int chunk, int threads, Action<int, int, int> body)
    {
        int chunks = (int)(((long)rows + chunk - 1) / chunk);
        int workers = Math.Min(threads, chunks);
        if (workers <= 1)
        {
            for (int c = 0; c < chunks; c++)
                body(c * chunk, Math.Min(chunk, rows - (c * chunk)), 0);
            return;
        }

        int next = -1;
        void Work(int worker)
        {
            for (int c = Interlocked.Increment(ref next); c < chunks; c = Interlocked.Increment(ref next))
                body(c * chunk, Math.Min(chunk, rows - (c * chunk)), worker);
        }

        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, Work);
    }
}
