using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <content>The steps of the method on the active rows: position j of every active array belongs to row Active[j].</content>
internal sealed unsafe partial class DualActiveSet
{
    /// <summary>Squared distance, relative to the combination's own size, below which a row counts as dependent on the active rows.</summary>
    private const double Dependent = 1e-26;

    /// <summary>Squared distance below which the inverse of the Gram block gives way to an orthonormal basis.</summary>
    private const double Delicate = 1e-8;

    /// <summary>Puts row <paramref name="q"/> at the first place after the active rows, and keeps it from being found violated again.</summary>
    private void Enter<V>(DualActiveSetWorkspace w, int q, bool above)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        double lower = w.Lower[q];
        double upper = w.Upper[q];
        w.Active[k] = q;
        w.Multiplier[k] = 0;
        w.Sign[k] = lower == upper ? 0 : above ? 1 : -1;
        w.Bound[k] = above ? upper : lower;
        w.OtherBound[k] = above ? lower : upper;
        w.Lower[q] = double.NegativeInfinity;
        w.Upper[q] = double.PositiveInfinity;
        if (_gram is not null)
        {
            w.Slot[k] = q;
            return;
        }

        double* column = w.Columns + ((nint)w.Slot[k] * PaddedRows);
        RowKernels.AddRows<V>(
            w.Zeros, Dimension, _matrix.Pointer + ((nint)q * PaddedDimension), w.Identity, _transposed.Pointer, PaddedRows, column, PaddedRows);
        column[q] += _ridge;
    }

    /// <summary>Gives the row at place <paramref name="place"/> its bounds back.</summary>
    private static void Release(DualActiveSetWorkspace w, int place)
    {
        int row = w.Active[place];
        bool above = w.Sign[place] > 0 || (w.Sign[place] == 0 && w.Bound[place] >= w.OtherBound[place]);
        w.Upper[row] = above ? w.Bound[place] : w.OtherBound[place];
        w.Lower[row] = above ? w.OtherBound[place] : w.Bound[place];
    }

    /// <summary>
    /// d = (active Gram block)⁻¹ g for the entering row's products g with the active rows, and −1 for the entering row: the combination
    /// of rows along which the active residuals stay. Returns the curvature G_qq − g'd, 0 where row q depends on the active rows.
    /// </summary>
    private double Combine<V>(DualActiveSetWorkspace w, double* gram, int q)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        if (w.Careful)
            return CombineOrthogonally<V>(w, q);
        int padded = Pad(k + 1, V.Count);
        double* g = w.Column;
        double* d = w.Combination;
        for (int j = 0; j < k; j++)
            g[j] = gram[((nint)w.Slot[j] * PaddedRows) + q];
        for (int j = k; j < padded; j++)
            g[j] = 0;
        double diagonal = gram[((nint)w.Slot[k] * PaddedRows) + q];
        RowKernels.AddRows<V>(w.Zeros, k, g, w.Identity, w.Inverse, PaddedCapacity, d, padded);
        double curvature = diagonal - RowKernels.Dot<V>(g, d, padded);
        if (k == _capacity)
            curvature = 0;
        else if (curvature < SmallCurvature)
            curvature = CombineCarefully<V>(w, q, padded);
        d[k] = -1;
        return curvature;
    }

    /// <summary>The same with the difference a_q − Σ dⱼaⱼ itself in hand, since 1 − g'd has lost its digits.</summary>
    private double CombineCarefully<V>(DualActiveSetWorkspace w, int q, int padded)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        double* d = w.Combination;
        double* difference = w.Direction;
        double squares = 0;
        for (int round = 0; ; round++)
        {
            squares = 0;
            for (int j = 0; j < k; j++)
            {
                w.Column[j] = -d[j];
                squares += d[j] * d[j];
            }

            Gather<V>(w, _matrix.Pointer + ((nint)q * PaddedDimension), difference);
            if (round == 2)
                break;
            for (int j = 0; j < k; j++)
            {
                double product = RowKernels.Dot<V>(_matrix.Pointer + ((nint)w.Active[j] * PaddedDimension), difference, PaddedDimension);
                w.Column[j] = product - (_ridge * d[j]);
            }

            RowKernels.AddRows<V>(d, k, w.Column, w.Identity, w.Inverse, PaddedCapacity, d, padded);
        }

        double curvature = RowKernels.Dot<V>(difference, difference, PaddedDimension) + (_ridge * (1 + squares));
        double size = 1 + squares;
        if (curvature > Delicate * size)
            return curvature;

        // Between the two the inverse is no longer good enough to tell.
        w.IsDelicate |= curvature > Dependent * size;
        return 0;
    }

    /// <summary>result = start + Σ Column[j] · A[Active[j]].</summary>
    private void Gather<V>(DualActiveSetWorkspace w, double* start, double* result)
        where V : struct, ISimd<V, double> =>
        RowKernels.AddRows<V>(start, w.Count, w.Column, w.Active, _matrix.Pointer, PaddedDimension, result, PaddedDimension);

    /// <summary>The active row whose multiplier first reaches zero within <paramref name="full"/>, or −1.</summary>
    private static int Blocking<V>(DualActiveSetWorkspace w, double side, double full, out double step)
        where V : struct, ISimd<V, double>
    {
        int blocking = -1;
        step = full;
        if (!double.IsPositiveInfinity(full) &&
            !(RowKernels.LargestOvershoot<V>(w.Sign, w.Multiplier, w.Combination, side * full, Pad(w.Count + 1, V.Count)) > 0))
            return -1;

        // Where there is no full step to end at, a combination of pure rounding must not make one.
        double least = double.IsPositiveInfinity(full) ? 1e-11 : 0;
        for (int j = 0; j < w.Count; j++)
        {
            double rate = w.Sign[j] * side * w.Combination[j];
            double left = Math.Max(w.Sign[j] * w.Multiplier[j], 0);
            if (rate > least && left < step * rate)
            {
                step = left / rate;
                blocking = j;
            }
        }

        return blocking;
    }

    /// <summary>Takes the entering row into the inverse: H ← [H + dd'/γ, −d/γ; −d'/γ, 1/γ], all of it one outer product.</summary>
    private void Border<V>(DualActiveSetWorkspace w, double curvature)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        if (w.Careful)
        {
            AppendBasis<V>(w, curvature);
            return;
        }

        double* row = w.Inverse + ((nint)k * PaddedCapacity);
        V zero = V.Broadcast(0);
        for (int at = 0; at < PaddedCapacity; at += V.Count)
            V.Store(zero, row + at);
        RowKernels.AddOuterProduct<V>(w.Inverse, PaddedCapacity, k + 1, 1 / curvature, w.Combination, Pad(k + 1, V.Count));
        w.Count = k + 1;
    }

    /// <summary>Drops the active row at <paramref name="place"/>; the entering row moves up behind the last that stays.</summary>
    private void Leave<V>(DualActiveSetWorkspace w, int place)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        int padded = Pad(k, V.Count);
        double* inverse = w.Inverse;
        Release(w, place);
        if (w.Careful)
        {
            Swap(w, place, k - 1);
            Swap(w, k - 1, k);
            w.Count = k - 1;
            RebuildBasis<V>(w);
            return;
        }

        // H ← H − h hₚ'/Hₚₚ without row and column p, into whose place the last ones go.
        double* row = inverse + ((nint)place * PaddedCapacity);
        double* removed = w.Column;
        new Span<double>(row, padded).CopyTo(new Span<double>(removed, padded));
        RowKernels.AddOuterProduct<V>(inverse, PaddedCapacity, k, -1 / removed[place], removed, padded);
        double* last = inverse + ((nint)(k - 1) * PaddedCapacity);
        for (int j = 0; j < k; j++)
            row[j] = last[j];
        for (int j = 0; j < k; j++)
        {
            double* line = inverse + ((nint)j * PaddedCapacity);
            line[place] = line[k - 1];
            line[k - 1] = 0;
        }

        new Span<double>(last, padded).Clear();
        Swap(w, place, k - 1);
        Swap(w, k - 1, k);
        w.Count = k - 1;
    }

    private static void Swap(DualActiveSetWorkspace w, int a, int b)
    {
        (w.Active[a], w.Active[b]) = (w.Active[b], w.Active[a]);
        (w.Slot[a], w.Slot[b]) = (w.Slot[b], w.Slot[a]);
        (w.Sign[a], w.Sign[b]) = (w.Sign[b], w.Sign[a]);
        (w.Multiplier[a], w.Multiplier[b]) = (w.Multiplier[b], w.Multiplier[a]);
        (w.Bound[a], w.Bound[b]) = (w.Bound[b], w.Bound[a]);
        (w.OtherBound[a], w.OtherBound[b]) = (w.OtherBound[b], w.OtherBound[a]);
    }

    /// <summary>
    /// The entering row depends on the active ones, none of which can leave, and misses its bound: together they contradict each other, by
    /// an amount that all of them share. Where each one's share is within the tolerance, their bounds are relaxed by it and the entering row stays out.
    /// </summary>
    private bool Relax<V>(DualActiveSetWorkspace w, double side, double violation)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        double weight = _coarseness[w.Active[k]];
        for (int j = 0; j < k; j++)
            weight += _coarseness[w.Active[j]] * Math.Abs(w.Combination[j]);
        double share = violation / weight;
        if (!(share <= _tolerance * Math.Max(1, w.Scale)))
            return false;

        // Since none blocks, every inequality moves outwards.
        for (int j = 0; j <= k; j++)
        {
            w.Bound[j] -= Math.Sign(w.Combination[j]) * side * share * _coarseness[w.Active[j]];
            if (w.Sign[j] == 0)
                w.OtherBound[j] = w.Bound[j];
        }

        Settle<V>(w, side);
        if (w.Careful)
            RefineOrthogonally<V>(w);
        else
            Refine<V>(w);
        return true;
    }

    /// <summary>
    /// Leaves the entering row out. What multiplier it has gathered goes back to the active rows; where one of them would change sign, the two
    /// change places.
    /// </summary>
    private void Settle<V>(DualActiveSetWorkspace w, double side)
        where V : struct, ISimd<V, double>
    {
        int k = w.Count;
        double gathered = Math.Abs(w.Multiplier[k]);
        double step = gathered;
        int blocking = -1;
        for (int j = 0; j < k; j++)
        {
            double rate = -w.Sign[j] * side * w.Combination[j];
            double left = Math.Max(w.Sign[j] * w.Multiplier[j], 0);
            if (rate > 1e-11 && left < step * rate)
            {
                step = left / rate;
                blocking = j;
            }
        }

        for (int j = 0; j <= k; j++)
            w.Multiplier[j] += side * step * w.Combination[j];
        if (blocking >= 0)
        {
            Leave<V>(w, blocking);
            double curvature = Combine<V>(w, GramRows(w), w.Active[w.Count]);
            if (curvature > 0)
            {
                Border<V>(w, curvature);
                return;
            }
        }

        Release(w, w.Count);
    }

    /// <summary>z = y − A'μ.</summary>
    private void Recover<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        for (int j = 0; j < w.Count; j++)
            w.Column[j] = -w.Multiplier[j];
        Gather<V>(w, w.Point, w.Result);
    }

    /// <summary>
    /// With no row violated: the point from the multipliers, the residuals from the point, and corrections until the active equations hold.
    /// False where that shows that the method has to go on.
    /// </summary>
    private bool Polish<V>(DualActiveSetWorkspace w, ref int polishes, out SolverStatus status)
        where V : struct, ISimd<V, double>
    {
        const int Limit = 20;
        status = SolverStatus.Solved;
        double error = w.Careful ? RefineOrthogonally<V>(w) : Refine<V>(w);
        if (w.Count == 0)
            return true;
        bool finished = polishes++ >= Limit;
        if (!finished && DropWrongSigns<V>(w))
        {
            if (w.Careful)
                RefineOrthogonally<V>(w);
            else
                Refine<V>(w);
            return false;
        }

        w.Violation = RowKernels.LargestViolation<V>(w.Residual, w.Lower, w.Upper, PaddedRows, out int worst);
        w.Worst = worst;
        double allowed = _tolerance * Math.Max(1, w.Scale);
        if (!finished && w.Violation > Threshold(w, worst))
            return false;
        bool kept = w.Violation <= allowed * _coarseness[Math.Min(worst, Rows - 1)];
        for (int j = 0; j < w.Count && error > allowed; j++)
            kept &= Math.Abs(w.Column[j]) <= allowed * _coarseness[w.Active[j]];
        if (!kept)
            status = SolverStatus.NumericalError;
        return true;
    }

    /// <summary>The point from the multipliers, with corrections until the active equations hold. Returns by how much they do not.</summary>
    private double Refine<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        Recover<V>(w);
        if (w.Count == 0 && w.Iterations == 0)
            return 0;
        Residuals<V>(w, w.Result);
        double error = ActiveError(w);
        for (int round = 0; round < 6 && error > Rounding * w.Scale; round++)
        {
            RowKernels.AddRows<V>(
                w.Multiplier, w.Count, w.Column, w.Identity, w.Inverse, PaddedCapacity, w.Multiplier, Pad(w.Count, V.Count));
            Recover<V>(w);
            Residuals<V>(w, w.Result);
            double before = error;
            error = ActiveError(w);
            if (error > 0.5 * before)
                break;
        }

        return error;
    }

    /// <summary>How far the active rows are from their bounds; the differences stay in the column scratch.</summary>
    private static double ActiveError(DualActiveSetWorkspace w)
    {
        double error = 0;
        for (int j = 0; j < w.Count; j++)
        {
            double difference = w.Residual[w.Active[j]] - w.Bound[j];
            w.Column[j] = difference;
            error = Math.Max(error, Math.Abs(difference));
        }

        return error;
    }

    private bool DropWrongSigns<V>(DualActiveSetWorkspace w)
        where V : struct, ISimd<V, double>
    {
        bool dropped = false;
        for (int j = w.Count - 1; j >= 0; j--)
        {
            if (w.Sign[j] * w.Multiplier[j] < -Rounding * w.Scale)
            {
                // Leave expects an entering row behind the active ones; there is none here, and what it swaps in is not used.
                Leave<V>(w, j);
                dropped = true;
            }
        }

        return dropped;
    }
}
