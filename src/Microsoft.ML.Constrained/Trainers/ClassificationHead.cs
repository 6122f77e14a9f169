using System;
using System.Buffers;
using Microsoft.ML.Constrained.Projections;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>From a network's outputs to probabilities that keep the constraints. Safe to use from any number of threads at once.</summary>
internal sealed class ClassificationHead
{
    private const int StackLength = 256;

    private static readonly SimplexProjection<float> s_simplex = new(1);

    private readonly PolyhedralParameterization? _parameterization;
    private readonly RowPolicy _policy;
    private readonly int _threads;

    /// <param name="constraints">Constraints over the classes, the simplex among them.</param>
    /// <param name="isLimited">Whether there is more than the simplex.</param>
    /// <param name="parameterization">What outputs are activations of; null where they are logarithms of probabilities, up to a constant.</param>
    /// <param name="policy">For rows without a solution.</param>
    /// <param name="threads">Most threads; 0 for one a processor.</param>
    public ClassificationHead(
        ConstraintSet constraints, bool isLimited, PolyhedralParameterization? parameterization, RowPolicy policy, int threads)
    {
        Constraints = constraints;
        _parameterization = parameterization;
        _policy = policy == RowPolicy.Throw ? RowPolicy.Missing : policy;
        _threads = threads;
        if (isLimited && parameterization is null)
            Projector = new Projector(constraints, new ProjectorOptions { Policy = _policy, Threads = threads });
    }

    public ConstraintSet Constraints { get; }

    /// <summary>What projects; null where nothing has to be.</summary>
    public Projector? Projector { get; }

    /// <summary>Values of the network for each row.</summary>
    public int OutputCount => _parameterization?.ActivationCount ?? Constraints.Dimension;

    /// <summary>Computes the probabilities of rows.</summary>
    /// <param name="outputs">Rows × <see cref="OutputCount"/>.</param>
    /// <param name="parameters">Rows × columns of the constraints.</param>
    /// <param name="scores">Receives rows × classes.</param>
    /// <param name="statuses">Receives a status a row.</param>
    /// <param name="raw">Empty, or receives the probabilities before the constraints; without a parameterisation only.</param>
    public void Apply(
        ReadOnlySpan<float> outputs, ReadOnlySpan<float> parameters, Span<float> scores, Span<SolverStatus> statuses, Span<float> raw = default)
    {
        int classes = Constraints.Dimension;
        if (_parameterization is not null)
        {
            _parameterization.Map(outputs, scores, statuses, _threads);
        }
        else
        {
            for (int i = 0; i < statuses.Length; i++)
                statuses[i] = Softmax(outputs.Slice(i * classes, classes), scores.Slice(i * classes, classes));
            if (!raw.IsEmpty)
                scores.CopyTo(raw);
            Projector?.Project(scores, parameters, scores, statuses);
        }

        for (int i = 0; i < statuses.Length; i++)
            Tidy(scores.Slice(i * classes, classes), statuses[i]);
    }

    /// <summary>The most probable class, the first of equals, as a key from 1; 0 (missing) where probabilities are.</summary>
    public static uint KeyOf(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            if (float.IsNaN(scores[i]))
                return 0;
            if (scores[i] > scores[best])
                best = i;
        }

        return (uint)best + 1;
    }

    private static SolverStatus Softmax(ReadOnlySpan<float> outputs, Span<float> scores)
    {
        float largest = float.NegativeInfinity;
        bool finite = true;
        foreach (float value in outputs)
        {
            finite &= float.IsFinite(value);
            largest = Math.Max(largest, value);
        }

        if (!finite)
        {
            scores.Fill(float.NaN);
            return SolverStatus.InvalidInput;
        }

        double sum = 0;
        foreach (float value in outputs)
            sum += Math.Exp((double)value - largest);
        for (int i = 0; i < outputs.Length; i++)
            scores[i] = (float)(Math.Exp((double)outputs[i] - largest) / sum);
        return SolverStatus.Solved;
    }

    /// <summary>Takes rounding below 0 away; a point that only came close to the constraints becomes probabilities again.</summary>
    private void Tidy(Span<float> scores, SolverStatus status)
    {
        foreach (ref float score in scores)
        {
            if (float.IsNaN(score))
                return;
            if (status == SolverStatus.Solved)
                score = Math.Max(score, 0);
        }

        if (status == SolverStatus.Solved || _policy != RowPolicy.Closest)
            return;
        float[]? rented = scores.Length <= StackLength ? null : ArrayPool<float>.Shared.Rent(scores.Length);
        Span<float> point = rented is null ? stackalloc float[StackLength] : rented;
        scores.CopyTo(point);
        s_simplex.Project(point[..scores.Length], scores);
        if (rented is not null)
            ArrayPool<float>.Shared.Return(rented);
    }
}
