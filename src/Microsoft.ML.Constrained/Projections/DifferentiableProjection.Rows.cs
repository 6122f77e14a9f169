using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

// One row at a time, without tensors: what a trained model needs when it scores.
internal sealed partial class DifferentiableProjection
{
    /// <summary>What one thread needs to move rows.</summary>
    public sealed class Workspace
    {
        public Workspace(DifferentiableProjection owner)
        {
            int blocks = owner._blocks.Count;
            (Lower, Upper, Correction) = (new double[blocks][], new double[blocks][], new double[blocks][]);
            for (int i = 0; i < blocks; i++)
            {
                ProjectionBlock block = owner._blocks[i];
                Lower[i] = new double[block.Limits.Count];
                Upper[i] = new double[block.Limits.Count];
                Correction[i] = new double[block.IsCorrected ? owner._dimension : 0];
            }

            Point = new double[owner._dimension];
        }

        internal double[][] Lower { get; }

        internal double[][] Upper { get; }

        internal double[][] Correction { get; }

        internal double[] Point { get; }
    }

    /// <summary>Moves one row as the layer does. NaN where the input has one.</summary>
    /// <param name="y">n values.</param>
    /// <param name="parameters">A value for each column.</param>
    /// <param name="z">Receives n values; may be y.</param>
    /// <param name="workspace">Of this projection and thread.</param>
    public void Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Workspace workspace)
    {
        for (int i = 0; i < _blocks.Count; i++)
        {
            _blocks[i].Limits.Evaluate(parameters, workspace.Lower[i], workspace.Upper[i]);
            Array.Clear(workspace.Correction[i]);
        }

        y.CopyTo(z);
        int sweeps = Method == DifferentiableProjectionMethod.OneStep ? 1 : Sweeps;
        for (int k = 0; k < sweeps; k++)
            Sweep(z, workspace);
    }

    private void Sweep(Span<double> z, Workspace workspace)
    {
        bool simultaneous = Method == DifferentiableProjectionMethod.Simultaneous;
        Span<double> point = workspace.Point;
        if (simultaneous)
            z.CopyTo(point);
        for (int i = 0; i < _blocks.Count; i++)
        {
            ProjectionBlock block = _blocks[i];
            if (block.IsChecked)
                continue;
            if (simultaneous)
            {
                Move(block, workspace, i, point, z, Step);
                continue;
            }

            double[] correction = workspace.Correction[i];
            bool corrected = correction.Length > 0 && Method == DifferentiableProjectionMethod.Dykstra;
            if (corrected)
                SpanKernels.AddScaled<double>(correction, 1, z);
            z.CopyTo(point);
            Move(block, workspace, i, point, z, 1);
            for (int j = 0; corrected && j < z.Length; j++)
                correction[j] = point[j] - z[j];
        }
    }

    /// <summary>z −= step · residual(point) · Lift.</summary>
    private void Move(ProjectionBlock block, Workspace workspace, int index, ReadOnlySpan<double> point, Span<double> z, double step)
    {
        double[] lower = workspace.Lower[index], upper = workspace.Upper[index];
        bool[] equality = block.Limits.Equality;
        for (int i = 0; i < lower.Length; i++)
        {
            if (block.Matrix is null)
            {
                z[i] -= step * RowLimits.Residual(point[i], lower[i], upper[i], equality[i]);
                continue;
            }

            double value = SpanKernels.Dot(block.Matrix.AsSpan(i * _dimension, _dimension), point);
            double residual = RowLimits.Residual(value, lower[i], upper[i], equality[i]);
            if (residual != 0)
                SpanKernels.AddScaled(block.Lift.AsSpan(i * _dimension, _dimension), -step * residual, z);
        }
    }
}
