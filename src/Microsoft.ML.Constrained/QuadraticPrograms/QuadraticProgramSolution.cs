using System;
using System.Threading;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The results of a batch, and the factorisations that gradients are computed from. Made once and used again for the next batch,
/// it allocates nothing as long as the shape stays the same.
/// </summary>
/// <remarks>
/// λ, ν and z are NaN where a problem has none: after <see cref="SolverStatus.InvalidInput"/> and
/// <see cref="SolverStatus.DualInfeasible"/>, and (z by the policy) after <see cref="SolverStatus.PrimalInfeasible"/>.
/// One solution must not be used by two calls at once.
/// </remarks>
public sealed class QuadraticProgramSolution
{
    private readonly PinnedBuffer _kept = new();
    private readonly PinnedBuffer _shared = new();
    private Memory<double> _z, _lambda, _nu;
    private bool _external;
    private SolverStatus[] _status = [];
    private double[] _objective = [], _primal = [], _dual = [], _gap = [];
    private int[] _iterations = [];
    private QuadraticProgramCertificate?[]? _certificates;

    /// <summary>The number of problems of the last batch.</summary>
    public int BatchSize { get; private set; }

    /// <summary>n.</summary>
    public int Variables { get; private set; }

    /// <summary>m.</summary>
    public int Inequalities { get; private set; }

    /// <summary>The number of equalities.</summary>
    public int Equalities { get; private set; }

    /// <summary>The solutions, batch × n.</summary>
    public ReadOnlyMemory<double> Z => _z[..(BatchSize * Variables)];

    /// <summary>The multipliers of Gz ≤ h, batch × m, not negative.</summary>
    public ReadOnlyMemory<double> Lambda => _lambda[..(BatchSize * Inequalities)];

    /// <summary>The multipliers of Az = b, batch × equalities. Where rows depend on one another, one choice of many.</summary>
    public ReadOnlyMemory<double> Nu => _nu[..(BatchSize * Equalities)];

    /// <summary>½ zᵀQz + pᵀz of each problem.</summary>
    public ReadOnlySpan<double> Objective => _objective.AsSpan(0, BatchSize);

    /// <summary>The scaled primal residual of each problem (see <see cref="QuadraticProgramOptions.Tolerance"/>).</summary>
    public ReadOnlySpan<double> PrimalResidual => _primal.AsSpan(0, BatchSize);

    /// <summary>The scaled dual residual of each problem.</summary>
    public ReadOnlySpan<double> DualResidual => _dual.AsSpan(0, BatchSize);

    /// <summary>|zᵀQz + pᵀz + hᵀλ + bᵀν| / max(1, |objective|) of each problem.</summary>
    public ReadOnlySpan<double> Gap => _gap.AsSpan(0, BatchSize);

    /// <summary>The number of factorisations or pivots each problem took.</summary>
    public ReadOnlySpan<int> Iterations => _iterations.AsSpan(0, BatchSize);

    /// <summary>How each problem ended.</summary>
    public ReadOnlySpan<SolverStatus> Status => _status.AsSpan(0, BatchSize);

    /// <summary>Whether gradients can be computed: whether <see cref="QuadraticProgramOptions.KeepFactors"/> was set.</summary>
    public bool HasFactors { get; internal set; }

    /// <summary>Which rows are active, equalities first; one byte for each row of each problem.</summary>
    internal byte[] Active { get; private set; } = [];

    /// <summary>How each problem's adjoint is to be computed.</summary>
    internal AdjointSource[] Sources { get; private set; } = [];

    internal bool SharedFactorValid { get; set; }

    /// <summary>Has results written to the caller's memory from the next solve on, instead of to arrays of this object.</summary>
    /// <param name="z">At least batch × n.</param>
    /// <param name="lambda">At least batch × m.</param>
    /// <param name="nu">At least batch × equalities.</param>
    public void UseMemory(Memory<double> z, Memory<double> lambda, Memory<double> nu)
    {
        _z = z;
        _lambda = lambda;
        _nu = nu;
        _external = true;
        BatchSize = 0;
    }

    /// <summary>The certificate of a problem that is infeasible or unbounded; null for others.</summary>
    /// <param name="problem">0 … batch − 1.</param>
    /// <returns>The certificate, or null.</returns>
    public QuadraticProgramCertificate? GetCertificate(int problem)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(problem);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(problem, BatchSize);
        return _certificates?[problem];
    }

    internal void Resize(QuadraticProgramBatch batch)
    {
        (int size, int n, int m, int p) = (batch.BatchSize, batch.Variables, batch.Inequalities, batch.Equalities);
        _z = Fit(_z, (long)size * n, "z");
        _lambda = Fit(_lambda, (long)size * m, "lambda");
        _nu = Fit(_nu, (long)size * p, "nu");
        if (_status.Length < size)
        {
            _status = new SolverStatus[size];
            _objective = new double[size];
            _primal = new double[size];
            _dual = new double[size];
            _gap = new double[size];
            _iterations = new int[size];
            Sources = new AdjointSource[size];
        }

        if (Active.Length < size * (m + p))
            Active = GC.AllocateArray<byte>(size * (m + p), pinned: true);
        BatchSize = size;
        Variables = n;
        Inequalities = m;
        Equalities = p;
        _certificates = null;
        SharedFactorValid = false;
    }

    internal unsafe double* KeptPointer(long length) => _kept.Ensure(length);

    internal unsafe double* SharedPointer(long length) => _shared.Ensure(length);

    internal Memory<double> WritableZ => _z;

    internal Memory<double> WritableLambda => _lambda;

    internal Memory<double> WritableNu => _nu;

    internal void Set(int problem, SolverStatus status, in ProblemMeasures measures)
    {
        _status[problem] = status;
        _objective[problem] = measures.Objective;
        _primal[problem] = measures.PrimalResidual;
        _dual[problem] = measures.DualResidual;
        _gap[problem] = measures.Gap;
        _iterations[problem] = measures.Iterations;
    }

    internal void SetCertificate(int problem, QuadraticProgramCertificate certificate)
    {
        // Chunks run at the same time; the array is made by whichever comes first.
        if (_certificates == null)
            Interlocked.CompareExchange(ref _certificates, new QuadraticProgramCertificate?[BatchSize], null);
        _certificates[problem] = certificate;
    }

    private Memory<double> Fit(Memory<double> memory, long length, string name)
    {
        if (memory.Length >= length)
            return memory;
        if (_external)
            throw new ArgumentException($"The memory given for '{name}' holds {memory.Length} elements; this batch needs {length}.", name);
        return new double[length];
    }
}
