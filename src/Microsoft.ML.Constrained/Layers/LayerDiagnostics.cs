using System;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// What a <see cref="QuadraticProgramLayer"/>, a <see cref="ProjectionLayer"/> or a <see cref="DifferentiableProjectionLayer"/> met
/// with; may be read at any time. A problem of a projection is a row.
/// </summary>
public class LayerDiagnostics
{
    private const string ProjectionTwiceMessage =
        "A projection has first derivatives only, but a gradient of this layer was differentiated again: that derivative was set to NaN. "
        + "Detach the gradient, or use QuadraticProgramLayer, which has second derivatives.";

    private readonly string _twiceMessage;
    private bool _differentiatedTwice;
    private SolverStatus[] _status = [];
    private long _notDifferentiated;
    private long _backwardFailures;
    private string? _lastBackwardFailure;

    /// <summary>Diagnostics of a layer that has not met with anything.</summary>
    public LayerDiagnostics()
        : this(ProjectionTwiceMessage)
    {
    }

    private protected LayerDiagnostics(string twiceMessage) => _twiceMessage = twiceMessage;

    /// <summary>How each problem of the last forward pass ended.</summary>
    public IReadOnlyList<SolverStatus> Status => Volatile.Read(ref _status);

    /// <summary>The problems of the last forward pass that were not solved.</summary>
    public int Unsolved
    {
        get
        {
            int count = 0;
            foreach (SolverStatus status in Volatile.Read(ref _status))
                count += status == SolverStatus.Solved ? 0 : 1;
            return count;
        }
    }

    /// <summary>
    /// Problems, in all backward passes together, that had no solution to differentiate. They got zero gradients, or, from a projection
    /// whose policy made a point of them, those of that point: the identity for <see cref="RowPolicy.KeepInput"/>, the projection onto the
    /// relaxed set for <see cref="RowPolicy.Closest"/>.
    /// </summary>
    public long NotDifferentiated => Interlocked.Read(ref _notDifferentiated);

    /// <summary>
    /// Backward passes that failed as a whole and gave zeros: an exception cannot leave them, it would end the process. See
    /// <see cref="LastBackwardFailure"/>.
    /// </summary>
    public long BackwardFailures => Interlocked.Read(ref _backwardFailures);

    /// <summary>Why the last failing backward pass failed, for example that a tensor was changed in place since; null where none did.</summary>
    public string? LastBackwardFailure => Volatile.Read(ref _lastBackwardFailure);

    internal void DifferentiatedTwice()
    {
        Volatile.Write(ref _differentiatedTwice, true);
        Failed(new NotSupportedException(_twiceMessage));
    }

    internal void ThrowIfDifferentiatedTwice()
    {
        if (!Volatile.Read(ref _differentiatedTwice))
            return;
        Volatile.Write(ref _differentiatedTwice, false);
        throw new NotSupportedException(_twiceMessage);
    }

    internal void Forward(SolverStatus[] status) => Volatile.Write(ref _status, status);

    internal void Skipped(int problems)
    {
        if (problems != 0)
            Interlocked.Add(ref _notDifferentiated, problems);
    }

    internal void Failed(Exception exception)
    {
        Volatile.Write(ref _lastBackwardFailure, exception.GetType().Name + ": " + exception.Message);
        Interlocked.Increment(ref _backwardFailures);
    }
}
