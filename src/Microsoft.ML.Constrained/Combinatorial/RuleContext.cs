using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// What a <see cref="BackwardRule"/> keeps from the forward to the backward pass. Reuse it from step to step: its arrays grow to the
/// largest batch and are not allocated again. One pass at a time.
/// </summary>
public sealed class RuleContext
{
    private float[] _costs = [];
    private float[] _decisions = [];
    private float[] _noise = [];
    private float[] _perturbed = [];
    private float[] _sampled = [];
    private float[] _other = [];
    private SolverStatus[] _statuses = [];
    private SolverStatus[] _sampledStatuses = [];

    /// <summary>The rows of the last forward pass.</summary>
    public int Rows { get; private set; }

    /// <summary>The samples of each row of the last forward pass.</summary>
    internal int Samples { get; private set; } = 1;

    internal int Dimension { get; private set; }

    /// <summary>Rows of the last backward pass whose decision was there but not the one that its gradient needs.</summary>
    internal int BackwardUnsolved { get; set; }

    /// <summary>The costs of the last forward pass as they were given.</summary>
    internal Span<float> Costs => _costs.AsSpan(0, Rows * Dimension);

    /// <summary>The decisions of the unperturbed costs.</summary>
    internal Span<float> Decisions => _decisions.AsSpan(0, Rows * Dimension);

    internal Span<SolverStatus> Statuses => _statuses.AsSpan(0, Rows);

    internal Span<float> Noise => Grown(ref _noise, Rows * Samples * Dimension);

    internal Span<float> Perturbed => Grown(ref _perturbed, Rows * Samples * Dimension);

    internal Span<float> Sampled => Grown(ref _sampled, Rows * Samples * Dimension);

    /// <summary>A second set of sampled decisions.</summary>
    internal Span<float> Other => Grown(ref _other, Rows * Samples * Dimension);

    internal Span<SolverStatus> SampledStatuses => Grown(ref _sampledStatuses, Rows * Samples);

    internal void Begin(int rows, int dimension, int samples, ReadOnlySpan<float> costs)
    {
        if ((long)rows * dimension * samples > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{rows} rows × {samples} samples × {dimension} costs are too many at once; use fewer rows or samples.", nameof(rows));
        }

        (Rows, Dimension, Samples) = (rows, dimension, samples);
        costs.CopyTo(Grown(ref _costs, rows * dimension));
        Grown(ref _decisions, rows * dimension);
        Grown(ref _statuses, rows);
    }

    private static Span<T> Grown<T>(ref T[] array, int length)
    {
        if (array.Length < length)
            Array.Resize(ref array, length);
        return array.AsSpan(0, length);
    }
}
