using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

// What is left after rows were moved.
internal sealed partial class DifferentiableProjection
{
    /// <summary>Measures rows against the constraints.</summary>
    /// <param name="rows">Rows × n, after they were moved.</param>
    /// <param name="parameters">The columns' values: nothing, one row for all, or a row each.</param>
    /// <param name="tolerance">A row is solved up to this times max(1, |limit|).</param>
    /// <param name="statuses">Receives a status a row.</param>
    /// <returns>The largest violation in the units of the constraints; NaN where a row has one.</returns>
    public double Check(ReadOnlySpan<double> rows, ReadOnlySpan<double> parameters, double tolerance, Span<SolverStatus> statuses)
    {
        if (statuses.IsEmpty)
            return 0;
        int columns = _system.ParameterCount;
        bool own = parameters.Length > columns;
        double[][] lower = new double[_blocks.Count][], upper = new double[_blocks.Count][];
        for (int i = 0; i < _blocks.Count; i++)
        {
            (lower[i], upper[i]) = (new double[_blocks[i].Limits.Count], new double[_blocks[i].Limits.Count]);
            if (!own)
                _blocks[i].Limits.Evaluate(parameters, lower[i], upper[i]);
        }

        double worst = 0;
        for (int row = 0; row < statuses.Length; row++)
        {
            for (int i = 0; own && i < _blocks.Count; i++)
                _blocks[i].Limits.Evaluate(parameters.Slice(row * columns, columns), lower[i], upper[i]);
            ReadOnlySpan<double> z = rows.Slice(row * _dimension, _dimension);
            double violation = double.NaN;
            statuses[row] = SpanKernels.AllFinite(z) ? Measure(z, lower, upper, tolerance, out violation) : SolverStatus.InvalidInput;
            worst = Math.Max(worst, violation);
        }

        return worst;
    }

    private SolverStatus Measure(ReadOnlySpan<double> z, double[][] lower, double[][] upper, double tolerance, out double violation)
    {
        violation = 0;
        bool solved = true, contradicts = false;
        for (int k = 0; k < _blocks.Count; k++)
        {
            ProjectionBlock block = _blocks[k];
            for (int i = 0; i < block.Limits.Count; i++)
            {
                (double low, double high, double length) = (lower[k][i], upper[k][i], block.Limits.Length[i]);
                double value = block.Matrix is null ? z[i] : SpanKernels.Dot(block.Matrix.AsSpan(i * _dimension, _dimension), z);
                double own = length * Math.Max(Math.Max(value - high, low - value), 0);
                double allowed = tolerance * Math.Max(1, length * Math.Max(Finite(low), Finite(high)));
                violation = Math.Max(violation, own);
                solved &= own <= allowed;

                // Rows that are only checked follow from others, so that a violation of theirs is a contradiction.
                contradicts |= block.IsChecked ? own > allowed : length * (low - high) > allowed;
            }
        }

        return solved ? SolverStatus.Solved : contradicts ? SolverStatus.PrimalInfeasible : SolverStatus.IterationLimit;
    }

    private static double Finite(double limit) => double.IsFinite(limit) ? Math.Abs(limit) : 0;
}
