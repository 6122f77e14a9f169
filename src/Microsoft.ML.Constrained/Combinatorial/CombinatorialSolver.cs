using System;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// What the exact solvers share: checks of lengths and costs, rows spread over threads, pooled workspaces.
/// </summary>
/// <remarks>
/// Costs are solved in double precision. A row with a NaN, an infinity, a magnitude above 1e150, or a negative cost where
/// <see cref="NeedsNonnegativeCosts"/> is set gets <see cref="SolverStatus.InvalidInput"/> and an all-zero decision.
/// To bring a solver of your own, use <see cref="DelegateSolver"/> or implement <see cref="ICombinatorialSolver"/>.
/// </remarks>
public abstract class CombinatorialSolver : ICombinatorialSolver
{
    // Rows handed to a thread at once are a multiple of this, so that kernels which take several rows at a time see full groups.
    private const int RowGroup = 16;

    private readonly WorkspacePool _pool = new();

    // Null until asked for where every entry is the same: a large set need not hold it.
    private double[]? _normal;

    private protected CombinatorialSolver(int dimension, Sense sense, bool needsNonnegativeCosts, bool uniformNormal)
        : this(dimension, sense, needsNonnegativeCosts, uniformNormal ? null : [])
    {
    }

    private protected CombinatorialSolver(int dimension, Sense sense, bool needsNonnegativeCosts, double[]? normal)
    {
        if (sense is not (Sense.Minimize or Sense.Maximize))
            throw new ArgumentOutOfRangeException(nameof(sense), sense, "Expected Sense.Minimize or Sense.Maximize.");
        if (dimension < 1)
            throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "A solver needs at least one cost.");
        Dimension = dimension;
        Sense = sense;
        NeedsNonnegativeCosts = needsNonnegativeCosts;
        _normal = normal;
    }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public Sense Sense { get; }

    /// <inheritdoc/>
    public bool NeedsNonnegativeCosts { get; }

    /// <inheritdoc/>
    public ReadOnlySpan<double> Normal => _normal ??= Uniform(Dimension);

    /// <summary>What <see cref="SolveRow"/> gets its costs multiplied by; −1 turns a greatest into a least.</summary>
    private protected virtual double CostScale => Sense == Sense.Maximize ? -1.0 : 1.0;

    /// <inheritdoc/>
    public SolverStatus Solve(ReadOnlySpan<float> costs, Span<float> decision) => SolveOne(costs, decision);

    /// <inheritdoc/>
    public SolverStatus Solve(ReadOnlySpan<double> costs, Span<float> decision) => SolveOne(costs, decision);

    /// <inheritdoc/>
    public void SolveBatch(ReadOnlySpan<float> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads = 0) =>
        SolveMany(costs, decisions, statuses, threads);

    /// <inheritdoc/>
    public void SolveBatch(ReadOnlySpan<double> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads = 0) =>
        SolveMany(costs, decisions, statuses, threads);

    private protected virtual SolverWorkspace CreateWorkspace() => new(Dimension);

    /// <summary>Solves one row of valid costs, to be minimised; writes every entry of the decision when it returns Solved.</summary>
    private protected abstract SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace);

    /// <summary>Solves some rows on the calling thread. The default takes them one by one.</summary>
    private protected virtual void SolveRows<T>(
        ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, SolverWorkspace workspace)
        where T : unmanaged
    {
        double least = NeedsNonnegativeCosts ? 0 : -CostReader.Largest;
        for (int row = 0; row < statuses.Length; row++)
        {
            Span<float> decision = decisions.Slice(row * Dimension, Dimension);
            bool valid = CostReader.Read(costs.Slice(row * Dimension, Dimension), workspace.Costs, CostScale, least);
            statuses[row] = valid ? SolveRow(workspace.Costs, decision, workspace) : SolverStatus.InvalidInput;
            if (statuses[row] != SolverStatus.Solved && !KeepsInexactDecision(statuses[row]))
                decision.Clear();
        }
    }

    /// <summary>Whether a decision with this status is a member of the set all the same.</summary>
    private protected virtual bool KeepsInexactDecision(SolverStatus status) => false;

    private SolverStatus SolveOne<T>(ReadOnlySpan<T> costs, Span<float> decision)
        where T : unmanaged
    {
        CheckLength(costs.Length, Dimension, nameof(costs));
        CheckLength(decision.Length, Dimension, nameof(decision));
        SolverStatus status = SolverStatus.NotSolved;
        SolverWorkspace workspace = _pool.TryRent() ?? CreateWorkspace();
        SolveRows(costs, decision, new Span<SolverStatus>(ref status), workspace);
        _pool.Return(workspace);
        return status;
    }

    private void SolveMany<T>(ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads)
        where T : unmanaged
    {
        int rows = statuses.Length;
        CheckLength(costs.Length, (long)rows * Dimension, nameof(costs));
        CheckLength(decisions.Length, (long)rows * Dimension, nameof(decisions));
        if (threads < 0)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "Expected 0 (one per processor) or a positive number.");
        if (rows == 0)
            return;
        threads = threads == 0 ? Environment.ProcessorCount : threads;
        int chunk = ChunkRows(rows, threads);
        if (threads == 1 || chunk >= rows)
            SolveChunk(costs, decisions, statuses);
        else
            SolveChunks(costs, decisions, statuses, chunk, threads);
    }

    // Apart from its caller, which would allocate the closure for a single thread too.
    private unsafe void SolveChunks<T>(
        ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, int chunk, int threads)
        where T : unmanaged
    {
        int rows = statuses.Length;
        fixed (T* costsAt = costs)
        fixed (float* decisionsAt = decisions)
        fixed (SolverStatus* statusesAt = statuses)
        {
            nint c = (nint)costsAt, d = (nint)decisionsAt, s = (nint)statusesAt;
            try
            {
                Parallel.For(0, (rows + chunk - 1) / chunk, new ParallelOptions { MaxDegreeOfParallelism = threads }, Solve);
            }
            catch (AggregateException e)
            {
                // As from one thread: what a user's own solver throws reaches the caller as it is.
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            }

            void Solve(int index)
            {
                int first = index * chunk;
                int count = Math.Min(chunk, rows - first);
                nint offset = (nint)first * Dimension;
                SolveChunk(
                    new ReadOnlySpan<T>((T*)c + offset, count * Dimension),
                    new Span<float>((float*)d + offset, count * Dimension),
                    new Span<SolverStatus>((SolverStatus*)s + first, count));
            }
        }
    }

    private void SolveChunk<T>(ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses)
        where T : unmanaged
    {
        SolverWorkspace workspace = _pool.TryRent() ?? CreateWorkspace();
        SolveRows(costs, decisions, statuses, workspace);
        _pool.Return(workspace);
    }

    // A few chunks per thread even out rows of unequal difficulty; small batches are not split below a group.
    private static int ChunkRows(int rows, int threads)
    {
        int wanted = Math.Max(1, (int)(rows / (4L * threads)));
        return wanted < RowGroup ? Math.Min(rows, rows <= (long)threads * RowGroup ? (int)((rows + threads - 1L) / threads) : RowGroup)
            : wanted / RowGroup * RowGroup;
    }

    private void CheckLength(int got, long expected, string name)
    {
        if (got != expected)
        {
            throw new ArgumentException(
                $"'{name}' of {GetType().Name} expects {expected} entries (rows × {Dimension}), got {got}.", name);
        }
    }

    private static double[] Uniform(int dimension)
    {
        var normal = new double[dimension];
        Array.Fill(normal, 1 / Math.Sqrt(dimension));
        return normal;
    }
}
