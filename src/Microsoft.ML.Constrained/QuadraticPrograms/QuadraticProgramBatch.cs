using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The data of a batch of quadratic programs of one shape,
/// <c>minimise ½ zᵀQz + pᵀz subject to Gz ≤ h, Az = b</c>, with Q positive semidefinite.
/// </summary>
/// <remarks>
/// Each parameter is given either once for each problem, one after the other (a matrix row-major), or once for all of them.
/// With a batch of one problem the two are the same. Only the symmetric part ½(Q + Qᵀ) counts. A parameter that is not set is zero
/// (Q) or must be empty by its dimensions, save that P, H and B default to zero as well.
/// The memory is read while solving and while differentiating and must not change in between. It may lie outside the managed heap
/// (a <see cref="System.Buffers.MemoryManager{T}"/>); nothing is copied.
/// </remarks>
public sealed class QuadraticProgramBatch
{
    private ReadOnlyMemory<double> _q, _p, _g, _h, _a, _b;

    /// <summary>A batch of the given shape whose parameters are still to be set.</summary>
    /// <param name="batchSize">The number of problems; may be zero.</param>
    /// <param name="variables">n, at least 1.</param>
    /// <param name="inequalities">m, the rows of G; may be zero.</param>
    /// <param name="equalities">The rows of A; may be zero.</param>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is out of its range, or the matrices would be too large.</exception>
    public QuadraticProgramBatch(int batchSize, int variables, int inequalities, int equalities)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batchSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(variables, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(inequalities);
        ArgumentOutOfRangeException.ThrowIfNegative(equalities);
        long total = (long)variables + inequalities + equalities;
        if (total > 20_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(variables), total, "Variables, inequalities and equalities together must not exceed 20000: the matrices are dense.");
        }

        BatchSize = batchSize;
        Variables = variables;
        Inequalities = inequalities;
        Equalities = equalities;
    }

    /// <summary>The number of problems.</summary>
    public int BatchSize { get; }

    /// <summary>n, the number of variables.</summary>
    public int Variables { get; }

    /// <summary>m, the number of inequalities.</summary>
    public int Inequalities { get; }

    /// <summary>The number of equalities.</summary>
    public int Equalities { get; }

    /// <summary>n × n, or batch × n × n. Unset means zero: linear programs.</summary>
    public ReadOnlyMemory<double> Q
    {
        get => _q;
        set => _q = Check(value, Variables * (long)Variables, nameof(Q));
    }

    /// <summary>n, or batch × n. Unset means zero.</summary>
    public ReadOnlyMemory<double> P
    {
        get => _p;
        set => _p = Check(value, Variables, nameof(P));
    }

    /// <summary>m × n, or batch × m × n.</summary>
    public ReadOnlyMemory<double> G
    {
        get => _g;
        set => _g = Check(value, Inequalities * (long)Variables, nameof(G));
    }

    /// <summary>m, or batch × m. Unset means zero.</summary>
    public ReadOnlyMemory<double> H
    {
        get => _h;
        set => _h = Check(value, Inequalities, nameof(H));
    }

    /// <summary>Equalities × n, or batch × equalities × n.</summary>
    public ReadOnlyMemory<double> A
    {
        get => _a;
        set => _a = Check(value, Equalities * (long)Variables, nameof(A));
    }

    /// <summary>Equalities, or batch × equalities. Unset means zero.</summary>
    public ReadOnlyMemory<double> B
    {
        get => _b;
        set => _b = Check(value, Equalities, nameof(B));
    }

    /// <summary>Whether one value of the parameter serves all problems, so that its gradient is a sum over them.</summary>
    /// <param name="parameter">One of the six.</param>
    /// <returns>True for a parameter given once while the batch has another size than one.</returns>
    public bool IsShared(QuadraticProgramParameters parameter)
    {
        (int length, long single) = parameter switch
        {
            QuadraticProgramParameters.Q => (_q.Length, (long)Variables * Variables),
            QuadraticProgramParameters.P => (_p.Length, Variables),
            QuadraticProgramParameters.G => (_g.Length, (long)Inequalities * Variables),
            QuadraticProgramParameters.H => (_h.Length, Inequalities),
            QuadraticProgramParameters.A => (_a.Length, (long)Equalities * Variables),
            QuadraticProgramParameters.B => (_b.Length, Equalities),
            _ => throw new ArgumentOutOfRangeException(nameof(parameter), parameter, "One parameter is expected."),
        };
        return BatchSize != 1 && (length == single || length == 0);
    }

    internal void ThrowIfIncomplete()
    {
        if (Inequalities > 0 && _g.IsEmpty && BatchSize > 0)
            throw new ArgumentException($"'G' is not set, but the batch has {Inequalities} inequalities: set G, or state 0 inequalities.");
        if (Equalities > 0 && _a.IsEmpty && BatchSize > 0)
            throw new ArgumentException($"'A' is not set, but the batch has {Equalities} equalities: set A, or state 0 equalities.");
    }

    private ReadOnlyMemory<double> Check(ReadOnlyMemory<double> value, long single, string name)
    {
        if (value.Length != single && value.Length != single * BatchSize)
        {
            throw new ArgumentException(
                $"'{name}' has {value.Length} elements; expected {single} (shared by all problems) or {single * BatchSize} ({BatchSize} problems of {single} each).",
                name);
        }

        return value;
    }
}
