using System.Diagnostics;
using System.Threading;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// What a layer or loss with a combinatorial solver met with, and what solving took; may be read at any time. A problem is a row.
/// </summary>
public sealed class BlackboxSolverDiagnostics : LayerDiagnostics
{
    private const string TwiceMessage =
        "What stands in for the derivative of a combinatorial solver has none itself, but a gradient of this layer was differentiated again: "
        + "that derivative was set to NaN. Detach the gradient.";

    private long _solverCalls;
    private long _forwardTicks;
    private long _backwardTicks;

    internal BlackboxSolverDiagnostics()
        : base(TwiceMessage)
    {
    }

    /// <summary>Problems handed to the solver so far, forward and backward, each sample of a row counted.</summary>
    public long SolverCalls => Interlocked.Read(ref _solverCalls);

    /// <summary>Seconds that forward passes spent so far on solving, noise included.</summary>
    public double ForwardSeconds => (double)Interlocked.Read(ref _forwardTicks) / Stopwatch.Frequency;

    /// <summary>Seconds that backward passes spent so far on gradients.</summary>
    public double BackwardSeconds => (double)Interlocked.Read(ref _backwardTicks) / Stopwatch.Frequency;

    internal void CountForward(long calls, long since)
    {
        Interlocked.Add(ref _solverCalls, calls);
        Interlocked.Add(ref _forwardTicks, Stopwatch.GetTimestamp() - since);
    }

    internal void CountBackward(long calls, long since)
    {
        Interlocked.Add(ref _solverCalls, calls);
        Interlocked.Add(ref _backwardTicks, Stopwatch.GetTimestamp() - since);
    }
}
