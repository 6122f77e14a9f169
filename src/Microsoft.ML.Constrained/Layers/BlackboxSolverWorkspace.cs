using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What a rule keeps for its backward pass, and room for changed costs.</summary>
internal sealed class BlackboxSolverWorkspace : Workspace
{
    private float[] _changed = [];

    public RuleContext Context { get; } = new();

    /// <summary>Room for <paramref name="length"/> costs.</summary>
    public Span<float> Changed(int length)
    {
        if (_changed.Length < length)
            _changed = new float[length];
        return _changed.AsSpan(0, length);
    }
}
