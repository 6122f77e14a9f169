using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>Several problems at once, one to a lane: for problems too small to fill registers by themselves.</summary>
internal sealed unsafe class LaneEngine<TLane, TVector> : ProgramEngine
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private readonly int _n, _m, _p, _rows;
    private readonly LaneSolver<TLane, TVector> _lanes;
    private readonly ProblemData[] _data = new ProblemData[TLane.Width];
    private readonly PinnedBuffer _gradients = new();
    private readonly double[] _zeros;
    private SingleSolver<TLane, TVector>? _single;
    private double* _loaded;

    public LaneEngine(int variables, int inequalities, int equalities)
    {
        (_n, _m, _p) = (variables, inequalities, equalities);
        _rows = inequalities + equalities;
        _lanes = new LaneSolver<TLane, TVector>(variables, inequalities, equalities);
        _zeros = GC.AllocateArray<double>(Math.Max(_n, _rows) + 4, pinned: true);
    }

    public override int GroupSize => TLane.Width;

    public override int ChunkSize => TLane.Width * Math.Clamp(5_000 / ((_n + _rows) * (_n + _rows) * (_n + 4) / 4), 1, 16);

    public override long KeptLength => TLane.Width * ((long)_lanes.FactorElements + _lanes.ActiveElements);

    public override long SharedLength => 8;

    private SingleSolver<TLane, TVector> Single => _single ??= new SingleSolver<TLane, TVector>(_n, _m, _p);

    /// <summary>Lanes take shared matrices over once a chunk, which costs next to nothing.</summary>
    public override bool PrepareShared(BatchPointers batch, double* shared) => true;

    public override void Solve(EngineTask task, int first, int count)
    {
        bool loaded = false;
        TVector good = default;
        for (int group = first; group < first + count; group += TLane.Width)
        {
            double* kept = task.Kept == null ? null : task.Kept + (group / TLane.Width * KeptLength);
            Attach(task, group);
            if (!loaded || task.Shared == null)
                good = _lanes.Load(_data, kept);
            else
                Repeat(kept);
            loaded = true;
            _loaded = kept;
            SolveGroup(task, group, good, kept);
        }
    }

    public override void Differentiate(EngineTask task, int first, int count)
    {
        int w = TLane.Width;
        double** sources = stackalloc double*[w];
        double* gz = _gradients.Ensure((long)w * (_n + _rows));
        double* gy = gz + ((long)w * _n);
        fixed (double* zeros = _zeros)
        {
            for (int group = first; group < first + count; group += w)
            {
                int last = task.Batch.BatchSize - 1;
                Gather(task.GradZ, _n, group, last, zeros, sources, gz);
                Gather(task.GradNu, _p, group, last, zeros, sources, gy);
                Gather(task.GradLambda, _m, group, last, zeros, sources, gy + (_p * w));
                double* kept = task.Kept + (group / w * KeptLength);
                _lanes.Adjoint(kept, kept + ((long)w * _lanes.FactorElements), gz, gy);
                for (int t = 0; t < w && group + t < first + count; t++)
                    Put(task, group + t, t, gz, gy);
            }
        }
    }

    public override void WriteGradients(EngineTask task, GradientPointers target, int first, int count)
    {
        for (int i = first; i < first + count; i++)
            GradientWriter<TLane, TVector>.Write(task, target, i);
    }

    public override void WriteSharedGradients(EngineTask task, GradientPointers target, int row) =>
        GradientWriter<TLane, TVector>.WriteShared(task, target, row);

    private void Attach(EngineTask task, int group)
    {
        // The last group is filled up with its last problem, whose lane results are not read.
        for (int t = 0; t < TLane.Width; t++)
            _data[t] = new ProblemData(task.Batch, Math.Min(group + t, task.Batch.BatchSize - 1));
    }

    /// <summary>The factor of matrices that all problems share, once more.</summary>
    private void Repeat(double* kept)
    {
        if (kept == null || kept == _loaded)
            return;
        long bytes = 8L * TLane.Width * _lanes.FactorElements;
        Buffer.MemoryCopy(_loaded, kept, bytes, bytes);
        _lanes.UseFactor(kept);
    }

    private void SolveGroup(EngineTask task, int group, TVector good, double* kept)
    {
        int w = TLane.Width;
        byte** guess = stackalloc byte*[w];
        for (int t = 0; t < w; t++)
            guess[t] = task.Active + ((long)Math.Min(group + t, task.Batch.BatchSize - 1) * _rows);
        double* active = kept == null ? null : kept + ((long)w * _lanes.FactorElements);
        TVector solved = _lanes.Solve(_data, task.Warm ? guess : null, active, task.Options.Tolerance);
        uint bits = TLane.Bits(TLane.And(solved, good));
        LaneMeasures<TVector> measures = _lanes.Measures;
        double* values = stackalloc double[5 * w];
        TLane.Store(values, measures.Objective);
        TLane.Store(values + w, measures.Primal);
        TLane.Store(values + (2 * w), measures.Dual);
        TLane.Store(values + (3 * w), measures.Gap);
        TLane.Store(values + (4 * w), _lanes.Iterations);
        for (int t = 0; t < w && group + t < task.Batch.BatchSize; t++)
        {
            int index = group + t;
            if ((bits >> t & 1) == 0)
                continue;
            LaneKernels<TLane, TVector>.Extract(_lanes.Z, t, _n, task.Z + ((long)index * _n));
            LaneKernels<TLane, TVector>.Extract(_lanes.Multipliers, t, _p, task.Nu + ((long)index * _p));
            LaneKernels<TLane, TVector>.Extract(_lanes.Multipliers + (_p * w), t, _m, task.Lambda + ((long)index * _m));
            for (int i = 0; i < _rows; i++)
                guess[t][i] = (byte)(((long*)_lanes.Flags)[(i * w) + t] & 1);
            task.Solution.Sources[index] = AdjointSource.Kept;
            task.Solution.Set(index, SolverStatus.Solved, new ProblemMeasures
            {
                Objective = values[t],
                PrimalResidual = values[w + t],
                DualResidual = values[(2 * w) + t],
                Gap = values[(3 * w) + t],
                Iterations = (int)values[(4 * w) + t],
            });
        }

        for (int t = 0; t < w && group + t < task.Batch.BatchSize; t++)
        {
            if ((bits >> t & 1) == 0)
                Single.Solve(task, group + t, null, shared: false);
        }
    }

    private void Put(EngineTask task, int index, int lane, double* gz, double* gy)
    {
        double* dz = task.AdjointZ + ((long)index * _n);
        double* dy = task.AdjointY + ((long)index * _rows);
        if (task.Solution.Sources[index] == AdjointSource.Kept)
        {
            LaneKernels<TLane, TVector>.Extract(gz, lane, _n, dz);
            LaneKernels<TLane, TVector>.Extract(gy, lane, _rows, dy);
            if (DenseKernels<TLane, TVector>.AllFinite(dz, _n) && DenseKernels<TLane, TVector>.AllFinite(dy, _rows))
                return;
        }

        Single.Differentiate(task, index, null);
    }

    private static void Gather(double* source, int each, int group, int last, double* zeros, double** sources, double* target)
    {
        for (int t = 0; t < TLane.Width; t++)
            sources[t] = source == null ? zeros : source + ((long)Math.Min(group + t, last) * each);
        LaneKernels<TLane, TVector>.Interleave(sources, each, target);
    }
}
