using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <content>
/// The same steps for rows that are almost dependent: the active rows are kept as A_A = R'U with orthonormal rows U, which tells distances
/// from their span down to rounding itself where the Gram matrix only tells their squares; and the point is moved instead of the residuals.
/// Slower (a step costs m·n, dropping a row k²·n), and rarely needed.
/// </content>
internal sealed unsafe partial class DualActiveSet
{
    private void StartCarefully(DualActiveSetWorkspace w)
    {
        w.Careful = true;
        w.Basis ??= new(checked(PaddedCapacity * PaddedDimension));
        new Span<double>(w.Point, PaddedDimension).CopyTo(new Span<double>(w.Result, PaddedDimension));
    }

    private double* BasisRow(DualActiveSetWorkspace w, int index) => w.Basis!.Pointer + ((nint)index * PaddedDimension);

    /// <summary>
    /// d with A_A'd nearest to row q; what is left of the row goes to the direction scratch, its coordinates along U to the next row of R.
    /// </summary>
    private double CombineOrthogonally<V>(DualActiveSetWorkspace w, int q)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        double* coordinates = w.Inverse + ((nint)k * PaddedCapacity);
        double length = Orthogonalise<V>(w, q, k, coordinates);
        double* d = w.Combination;
        double squares = 0;
        for (int i = k - 1; i >= 0; i--)
        {
            // Row j of the storage is column j of R.
            double sum = coordinates[i];
            for (int j = i + 1; j < k; j++)
                sum -= w.Inverse[(j * PaddedCapacity) + i] * d[j];
            d[i] = sum / w.Inverse[(i * PaddedCapacity) + i];
            squares += d[i] * d[i];
        }

        d[k] = -1;
        coordinates[k] = length;
        return k < _capacity && length * length > Dependent * (1 + squares) ? length * length : 0;
    }

    private double Orthogonalise<V>(DualActiveSetWorkspace w, int row, int count, double* coordinates)
        where V : struct, ISimd<V, double>
    {
        double* rest = w.Direction;
        new Span<double>(_matrix.Pointer + ((nint)row * PaddedDimension), PaddedDimension).CopyTo(new Span<double>(rest, PaddedDimension));
        for (int j = 0; j < count; j++)
            coordinates[j] = 0;
        for (int round = 0; round < 3; round++)
        {
            for (int j = 0; j < count; j++)
            {
                double share = RowKernels.Dot<V>(BasisRow(w, j), rest, PaddedDimension);
                coordinates[j] += share;
                AddMultiple(BasisRow(w, j), -share, rest);
            }
        }

        return Math.Sqrt(RowKernels.Dot<V>(rest, rest, PaddedDimension));
    }

    private void AppendBasis<V>(DualActiveSetWorkspace w, double curvature)
        where V : struct, ISimd<V, double>
    {
        double* row = BasisRow(w, w.Count);
        double factor = 1 / Math.Sqrt(curvature);
        for (int c = 0; c < PaddedDimension; c++)
            row[c] = w.Direction[c] * factor;
        w.Count++;
    }

    private void RebuildBasis<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        for (int j = 0; j < w.Count; j++)
        {
            double* coordinates = w.Inverse + ((nint)j * PaddedCapacity);
            double length = Orthogonalise<V>(w, w.Active[j], j, coordinates);
            coordinates[j] = length;
            double* row = BasisRow(w, j);
            for (int c = 0; c < PaddedDimension; c++)
                row[c] = w.Direction[c] / length;
        }
    }

    private void MoveOrthogonally<V>(DualActiveSetWorkspace w, double step, double curvature)
        where V : struct, ISimd<V, double>
    {
        if (curvature > 0)
        {
            AddMultiple(w.Direction, -step, w.Result);
            Residuals<V>(w, w.Result);
        }
    }

    /// <summary>The nearest point to y on the active equations: corrections within their span, then the multipliers from R μ = U(y − z).</summary>
    private double RefineOrthogonally<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        double* t = w.Combination;
        double error = 0;
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < k; i++)
            {
                double* u = BasisRow(w, i);
                t[i] = RowKernels.Dot<V>(u, w.Point, PaddedDimension) - RowKernels.Dot<V>(u, w.Result, PaddedDimension);
            }

            new Span<double>(w.Point, PaddedDimension).CopyTo(new Span<double>(w.Result, PaddedDimension));
            for (int i = 0; i < k; i++)
                AddMultiple(BasisRow(w, i), -t[i], w.Result);
            for (int i = k - 1; i >= 0; i--)
            {
                double sum = t[i];
                for (int j = i + 1; j < k; j++)
                    sum -= w.Inverse[(j * PaddedCapacity) + i] * w.Multiplier[j];
                w.Multiplier[i] = sum / w.Inverse[(i * PaddedCapacity) + i];
            }

            Residuals<V>(w, w.Result);
            error = ActiveError(w);
            if (error <= 0.01 * Rounding * w.Scale || round == 3)
                break;

            // R't = error, and z ← z − U't.
            for (int i = 0; i < k; i++)
            {
                double sum = w.Column[i];
                for (int j = 0; j < i; j++)
                    sum -= w.Inverse[(i * PaddedCapacity) + j] * t[j];
                t[i] = sum / w.Inverse[(i * PaddedCapacity) + i];
                AddMultiple(BasisRow(w, i), -t[i], w.Result);
            }
        }

        return error;
    }

    private void AddMultiple(double* source, double factor, double* target)
    {
        for (int c = 0; c < PaddedDimension; c++)
            target[c] += factor * source[c];
    }
}
