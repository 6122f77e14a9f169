using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>The linear system of the active rows, and the adjoint.</content>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
{
    /// <summary>
    /// Solves <c>[Q C_Fᵀ; C_F 0]·(dz, dy) = −(gz, gy)</c> on the active rows F, for the factorisations that <see cref="Solve"/> left.
    /// </summary>
    /// <param name="data">The problem.</param>
    /// <param name="factor">Of its matrices; L alone is used.</param>
    /// <param name="activeTriangle">The factor of R on the active rows.</param>
    /// <param name="activeInverses">Its inverted diagonal blocks.</param>
    /// <param name="active">The active rows.</param>
    /// <param name="gz">n values.</param>
    /// <param name="gy">One value for each row, equalities first.</param>
    /// <param name="dz">Receives n values.</param>
    /// <param name="dy">Receives one value for each row; zero outside the active ones.</param>
    public void Adjoint(
        in ProblemData data, in MatrixFactor factor, double* activeTriangle, double* activeInverses, byte* active,
        double* gz, double* gy, double* dz, double* dy)
    {
        Attach(data, factor, activeTriangle, activeInverses, active);
        CollectActive();
        CopyPadded(gz, _n, _rz, _paddedN);
        for (int k = 0; k < _count; k++)
            _right[k] = gy[_index[k]];
        SolveActiveSystem(_rz, _right);
        Buffer.MemoryCopy(_rz, dz, 8L * _n, 8L * _n);
        new Span<double>(dy, _rows).Clear();
        for (int k = 0; k < _count; k++)
            dy[_index[k]] = _right[k];
    }

    /// <summary>Factors R on the rows flagged in <paramref name="active"/>; for an adjoint whose solve kept nothing.</summary>
    public void FactorActive(in ProblemData data, in MatrixFactor factor, double* activeTriangle, double* activeInverses, byte* active)
    {
        Attach(data, factor, activeTriangle, activeInverses, active);
        CollectActive();
        GatherActive();
        PanelCholesky<TLane, TVector>.Factor(_activeTriangle, _activeInverses, _count, DependentRow, stopWhenDropped: false);
    }

    /// <summary>In place: rz and right (by active row) in; −the solution's counterparts dz and dy out.</summary>
    private void SolveActiveSystem(double* rz, double* right)
    {
        // dz = −Q⁻¹(rz + Cᵀdy) and C·dz = −right give R·dy = right − C·Q⁻¹·rz.
        double* rest = _workN;
        CopyPadded(rz, _n, rest, _paddedN);
        SolveQ(rest);
        for (int k = 0; k < _count; k++)
            right[k] -= DenseKernels<TLane, TVector>.Dot(Row(_index[k]), rest, _n);
        SolveActiveGram(right);
        for (int k = 0; k < _count; k++)
            DenseKernels<TLane, TVector>.AddScaled(right[k], Row(_index[k]), rz, _n);
        SolveQ(rz);
        for (int i = 0; i < _n; i++)
            rz[i] = -rz[i];
    }

    private void SolveActiveGram(double* right)
    {
        int padded = PanelKernels<TLane, TVector>.Padded(_count);
        for (int k = _count; k < padded; k++)
            right[k] = 0;
        PanelCholesky<TLane, TVector>.Forward(_activeTriangle, _activeInverses, _count, right);
        PanelCholesky<TLane, TVector>.Backward(_activeTriangle, _activeInverses, _count, right);
    }
}
