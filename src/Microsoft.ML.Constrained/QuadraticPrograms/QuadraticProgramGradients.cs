using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The gradients of a loss with respect to the parameters of a batch. Each has the shape that its parameter has in the batch: one for
/// each problem, or the sum over all problems for a parameter that they share. Made once and used again, it allocates nothing.
/// </summary>
/// <remarks>
/// The gradient of Q is symmetric: moving Q_ij and Q_ji together by t changes the loss by t·(dQ_ij + dQ_ji). A problem that has no
/// solution to differentiate contributes zeros and counts in <see cref="NotDifferentiated"/>.
/// </remarks>
public sealed class QuadraticProgramGradients
{
    private readonly Memory<double>[] _values = new Memory<double>[6];
    private readonly bool[] _external = new bool[6];

    /// <summary>Which gradients to compute; all unless set.</summary>
    public QuadraticProgramParameters Wanted { get; set; } = QuadraticProgramParameters.All;

    /// <summary>Gradient of Q; like the others, set it to have the result written to memory of one's own.</summary>
    public Memory<double> Q
    {
        get => _values[0];
        set => Use(0, value);
    }

    /// <summary>Gradient of p.</summary>
    public Memory<double> P
    {
        get => _values[1];
        set => Use(1, value);
    }

    /// <summary>Gradient of G.</summary>
    public Memory<double> G
    {
        get => _values[2];
        set => Use(2, value);
    }

    /// <summary>Gradient of h.</summary>
    public Memory<double> H
    {
        get => _values[3];
        set => Use(3, value);
    }

    /// <summary>Gradient of A.</summary>
    public Memory<double> A
    {
        get => _values[4];
        set => Use(4, value);
    }

    /// <summary>Gradient of b.</summary>
    public Memory<double> B
    {
        get => _values[5];
        set => Use(5, value);
    }

    /// <summary>The number of problems that had no solution to differentiate, or whose gradient would not have been finite.</summary>
    public int NotDifferentiated { get; internal set; }

    internal double[] AdjointZ { get; private set; } = [];

    internal double[] AdjointY { get; private set; } = [];

    internal double[] Multipliers { get; private set; } = [];

    internal void Resize(QuadraticProgramBatch batch)
    {
        int rows = batch.Inequalities + batch.Equalities;
        if (AdjointZ.Length < batch.BatchSize * batch.Variables)
            AdjointZ = GC.AllocateUninitializedArray<double>(batch.BatchSize * batch.Variables, pinned: true);
        if (AdjointY.Length < batch.BatchSize * rows)
        {
            AdjointY = GC.AllocateUninitializedArray<double>(batch.BatchSize * rows, pinned: true);
            Multipliers = GC.AllocateUninitializedArray<double>(batch.BatchSize * rows, pinned: true);
        }

        int n = batch.Variables;
        Fit(batch, 0, QuadraticProgramParameters.Q, (long)n * n);
        Fit(batch, 1, QuadraticProgramParameters.P, n);
        Fit(batch, 2, QuadraticProgramParameters.G, (long)batch.Inequalities * n);
        Fit(batch, 3, QuadraticProgramParameters.H, batch.Inequalities);
        Fit(batch, 4, QuadraticProgramParameters.A, (long)batch.Equalities * n);
        Fit(batch, 5, QuadraticProgramParameters.B, batch.Equalities);
    }

    private void Use(int index, Memory<double> value)
    {
        _values[index] = value;
        _external[index] = true;
    }

    private void Fit(QuadraticProgramBatch batch, int index, QuadraticProgramParameters parameter, long single)
    {
        if ((Wanted & parameter) == 0)
            return;
        long length = batch.IsShared(parameter) ? single : single * batch.BatchSize;
        if (_values[index].Length == length)
            return;
        if (_external[index])
        {
            throw new ArgumentException(
                $"The memory given for the gradient of '{parameter}' has {_values[index].Length} elements; this batch needs {length}.", parameter.ToString());
        }

        _values[index] = new double[length];
    }
}
