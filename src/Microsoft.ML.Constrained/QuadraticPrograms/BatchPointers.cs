using System;
using System.Buffers;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>The pinned data of a batch while it is worked on.</summary>
internal sealed unsafe class BatchPointers : IDisposable
{
    private readonly MemoryHandle[] _handles = new MemoryHandle[6];
    private readonly double[] _zeros;
    private readonly MemoryHandle _zeroHandle;
    private readonly double* _q, _p, _g, _h, _a, _b;
    private readonly long _qStep, _pStep, _gStep, _hStep, _aStep, _bStep;

    public BatchPointers(QuadraticProgramBatch batch)
    {
        BatchSize = batch.BatchSize;
        Variables = batch.Variables;
        Inequalities = batch.Inequalities;
        Equalities = batch.Equalities;
        int n = batch.Variables;
        int zeros = 8;
        if (batch.Q.IsEmpty)
            zeros = Math.Max(zeros, n * n);
        zeros = Math.Max(zeros, Math.Max(n, Math.Max(Inequalities, Equalities)));
        _zeros = new double[zeros];
        _zeroHandle = _zeros.AsMemory().Pin();
        _q = Pin(0, batch.Q, (long)n * n, out _qStep);
        _p = Pin(1, batch.P, n, out _pStep);
        _g = Pin(2, batch.G, (long)Inequalities * n, out _gStep);
        _h = Pin(3, batch.H, Inequalities, out _hStep);
        _a = Pin(4, batch.A, (long)Equalities * n, out _aStep);
        _b = Pin(5, batch.B, Equalities, out _bStep);
    }

    public int BatchSize { get; }

    public int Variables { get; }

    public int Inequalities { get; }

    public int Equalities { get; }

    /// <summary>Whether all problems have the same matrices, so that one factorisation serves them all.</summary>
    public bool MatricesShared => _qStep == 0 && _gStep == 0 && _aStep == 0;

    public double* Q(int problem) => _q + (_qStep * problem);

    public double* P(int problem) => _p + (_pStep * problem);

    public double* G(int problem) => _g + (_gStep * problem);

    public double* H(int problem) => _h + (_hStep * problem);

    public double* A(int problem) => _a + (_aStep * problem);

    public double* B(int problem) => _b + (_bStep * problem);

    public void Dispose()
    {
        foreach (MemoryHandle handle in _handles)
            handle.Dispose();
        _zeroHandle.Dispose();
    }

    private double* Pin(int index, ReadOnlyMemory<double> memory, long single, out long step)
    {
        step = 0;
        if (memory.IsEmpty)
            return (double*)_zeroHandle.Pointer;
        _handles[index] = memory.Pin();
        step = memory.Length == single ? 0 : single;
        return (double*)_handles[index].Pointer;
    }
}
