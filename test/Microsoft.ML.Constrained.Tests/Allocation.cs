using System;

namespace Microsoft.ML.Constrained.Tests;

internal static class Allocation
{
    /// <summary>
    /// Managed bytes that a warm call takes on this thread: the least of several calls. What belongs to every call is in each of them; what the
    /// runtime or a shared pool does once in a while is not.
    /// </summary>
    public static long OfOneCall(Action call)
    {
        for (int i = 0; i < 3; i++)
            call();
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
