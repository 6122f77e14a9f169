using System;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Runs numbered chunks of work on the calling thread and on thread-pool threads. What a chunk is does not depend on the number of
/// threads, so neither do the results.
/// </summary>
internal sealed class ChunkRunner : IThreadPoolWorkItem
{
    private readonly Action<int> _work;
    private readonly int _count;
    private int _next;
    private int _finished;
    private ExceptionDispatchInfo? _failure;

    private ChunkRunner(int count, Action<int> work)
    {
        _count = count;
        _work = work;
    }

    /// <summary>Runs <paramref name="work"/> once for each of 0 … <paramref name="count"/> − 1; returns when all are done.</summary>
    /// <param name="count">Number of chunks.</param>
    /// <param name="threads">Most threads to use, the caller's included.</param>
    /// <param name="work">Called concurrently; the first exception is thrown again to the caller.</param>
    public static void Run(int count, int threads, Action<int> work)
    {
        threads = Math.Min(threads, count);
        if (threads <= 1)
        {
            for (int i = 0; i < count; i++)
                work(i);
            return;
        }

        var runner = new ChunkRunner(count, work);
        for (int i = 1; i < threads; i++)
            ThreadPool.UnsafeQueueUserWorkItem(runner, preferLocal: false);
        ((IThreadPoolWorkItem)runner).Execute();
        var spin = default(SpinWait);

        // Waits for chunks, not for helpers: a helper that the pool starts too late finds nothing left to do.
        while (Volatile.Read(ref runner._finished) < count)
            spin.SpinOnce(sleep1Threshold: 200);
        runner._failure?.Throw();
    }

    void IThreadPoolWorkItem.Execute()
    {
        int chunk;
        while ((chunk = Interlocked.Increment(ref _next) - 1) < _count)
        {
            try
            {
                _work(chunk);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            }
            finally
            {
                Interlocked.Increment(ref _finished);
            }
        }
    }
}
