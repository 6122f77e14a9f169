using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>One problem after the other, each with register tiles: for problems that fill registers by themselves.</summary>
internal sealed unsafe class PanelEngine<TLane, TVector> : ProgramEngine
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private readonly int _n, _m, _p, _rows;
    private readonly SingleSolver<TLane, TVector> _single;

    public PanelEngine(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _m = inequalities;
        _p = equalities;
        _rows = inequalities + equalities;
        _single = new SingleSolver<TLane, TVector>(variables, inequalities, equalities);
    }

    public override int GroupSize => 1;

    public override int ChunkSize => Math.Clamp(2_000_000 / ((_n + _rows) * (_n + _rows) * (_n + 10)), 1, 64);

    public override long KeptLength => _single.KeptLength;

    public override long SharedLength => _single.SharedLength;

    public override bool PrepareShared(BatchPointers batch, double* shared) => _single.PrepareShared(batch, shared);

    public override void Solve(EngineTask task, int first, int count)
    {
        for (int i = first; i < first + count; i++)
            _single.Solve(task, i, task.Kept == null ? null : task.Kept + (i * KeptLength), task.Shared != null);
    }

    public override void Differentiate(EngineTask task, int first, int count)
    {
        for (int i = first; i < first + count; i++)
            _single.Differentiate(task, i, task.Kept + (i * KeptLength));
    }

    public override void WriteGradients(EngineTask task, GradientPointers target, int first, int count)
    {
        for (int i = first; i < first + count; i++)
            GradientWriter<TLane, TVector>.Write(task, target, i);
    }

    public override void WriteSharedGradients(EngineTask task, GradientPointers target, int row) =>
        GradientWriter<TLane, TVector>.WriteShared(task, target, row);
}
