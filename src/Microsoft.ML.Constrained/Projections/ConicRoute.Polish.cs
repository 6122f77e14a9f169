using System;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <content>
/// Newton's method on the equations that hold, as an active-set method that starts where the interior-point method ended. What it accepts
/// satisfies all optimality conditions, so that a poor start costs time and nothing else.
/// </content>
internal sealed partial class ConicRoute
{
    /// <summary>
    /// Newton's method on the equations that hold by the state; where it ends at a multiplier of the wrong sign or a violated constraint, that one is
    /// exchanged and the method goes on. False, with z and the state as they were, where this does not end at the solution.
    /// </summary>
    private bool Polish(ReadOnlySpan<double> y, Span<double> z, Span<double> state, Workspace w, double scale)
    {
        z.CopyTo(w.Point);
        state.CopyTo(w.Multipliers);
        for (int exchange = 0; exchange < Exchanges; exchange++)
        {
            if (!Newton(y, w, scale))
                return false;
            if (Drop(w, scale) || TakeIn(w, scale))
                continue;
            PricePoints(w);
            w.Point.CopyTo(z);
            w.Multipliers.CopyTo(state);
            return true;
        }

        return false;
    }

    /// <summary>A block held at its centre has no equation of its own: its multiplier is the least with which it can hold, the dual norm of the force there.</summary>
    private void PricePoints(Workspace w)
    {
        for (int b = 0; b < w.Radii.Length; b++)
        {
            ref double multiplier = ref w.Multipliers[_system.RowCount + b];
            if (multiplier > 0 && IsPoint(b, w))
                multiplier = Math.Max(_system.Norms[b].Norm == Norm.L2 ? Math.Sqrt(w.Held[b]) : w.Held[b], double.Epsilon);
        }
    }

    private bool IsPoint(int b, Workspace w)
    {
        if (_system.Norms[b].Height >= 0)
            return false;
        int flag = _system.RowCount + _system.Norms.Count;
        for (int before = 0; before < b; before++)
            flag += _system.Norms[before].Variables.Length;
        return w.Radii[b] == 0 || (_system.Norms[b].Norm == Norm.L2 && w.Multipliers.AsSpan(flag, _system.Norms[b].Variables.Length).IndexOf(0.0) < 0);
    }

    /// <summary>Solves the equations of the present choice; their multipliers are left in the workspace's share.</summary>
    private bool Newton(ReadOnlySpan<double> y, Workspace w, double scale)
    {
        Span<double> point = w.Point;
        double before = double.PositiveInfinity;
        for (int step = 0; step < NewtonSteps; step++)
        {
            w.Active.Build(point, w.Multipliers, w.Lower, w.Upper, w.Radii);
            int count = w.Active.Count;
            Span<double> share = w.Share(count);
            if (step == 0)
            {
                // Variables at their centres have multipliers that the state does not tell: all are fitted.
                FillPull(y, point, w.Step);
                w.Active.Fit(w.Step, share);
            }

            FillPull(y, point, w.Step);
            Negate(share);
            w.Active.AddGradients(share, w.Step);
            Negate(share);
            Span<double> change = w.Change(count);
            double largest = SpanKernels.Norm(w.Step);
            for (int k = 0; k < count; k++)
            {
                change[k] = -w.Active.Residuals[k];
                largest = Math.Max(largest, Math.Abs(change[k]) / UnitOf(w.Active.Owners[k]));
            }

            if (largest <= 1e-13 * scale || (largest <= 1e-11 * scale && largest >= 0.5 * before))
            {
                Keep(w, share);
                return true;
            }

            before = largest;
            w.Active.Solve(w.Step, change);
            double moved = SpanKernels.Norm(w.Step);
            if (!double.IsFinite(moved) || moved > 10 * scale)
                return false;
            SpanKernels.AddScaled<double>(w.Step, 1, point);
            SpanKernels.AddScaled<double>(change, 1, share);
            Keep(w, share);
        }

        return false;
    }

    private double UnitOf(int owner) => owner >= 0 && owner < _system.RowCount ? _problem.Scale[owner] : 1;

    private void Keep(Workspace w, ReadOnlySpan<double> share)
    {
        for (int k = 0; k < share.Length; k++)
        {
            // A block's multiplier bends its surface: it stays positive while the method is under way.
            int owner = w.Active.Owners[k];
            if (owner >= 0)
                w.Multipliers[owner] = owner >= _system.RowCount ? Math.Max(share[k], double.Epsilon) : Kept(w.Multipliers[owner], share[k]);
        }
    }

    /// <summary>A row stays at the side at which it is held until it is dropped.</summary>
    private static double Kept(double side, double value) => side * value > 0 ? value : Math.CopySign(double.Epsilon, side);

    /// <summary>Frees whatever has a multiplier of the wrong sign: rows, blocks, and variables held at their centre by more than the block's multiplier.</summary>
    private bool Drop(Workspace w, double scale)
    {
        bool dropped = false;
        double allowed = 1e-11 * scale;
        Span<double> share = w.Share(w.Active.Count);
        Span<double> held = w.Held;
        held.Clear();
        for (int k = 0; k < share.Length; k++)
        {
            int owner = w.Active.Owners[k];
            if (owner < 0)
            {
                ref double force = ref held[-1 - owner];
                force = _system.Norms[-1 - owner].Norm == Norm.L2 ? force + (share[k] * share[k]) : Math.Max(force, Math.Abs(share[k]));
                continue;
            }

            if (owner < _system.RowCount && _system.IsEquality(owner))
            {
                w.Multipliers[owner] = share[k];
                continue;
            }

            bool wrong = owner >= _system.RowCount ? share[k] <= allowed : w.Multipliers[owner] * share[k] <= 0 && Math.Abs(share[k]) * UnitOf(owner) > allowed;
            if (wrong)
            {
                w.Multipliers[owner] = 0;
                dropped = true;
            }
        }

        return ReleaseCentres(w, scale, share) | dropped;
    }

    private bool ReleaseCentres(Workspace w, double scale, ReadOnlySpan<double> share)
    {
        bool released = false;
        int k = 0;
        int flag = _system.RowCount + _system.Norms.Count;
        for (int b = 0; b < _system.Norms.Count; b++)
        {
            NormBlock block = _system.Norms[b];
            double multiplier = w.Multipliers[_system.RowCount + b];
            bool apex = block.Norm == Norm.L2;
            bool point = block.Height < 0 && (apex || w.Radii[b] == 0);
            for (int i = 0; i < block.Variables.Length; i++, flag++)
            {
                if (w.Multipliers[flag] == 0 || multiplier == 0)
                    continue;
                while (k < share.Length && w.Active.Owners[k] != -1 - b)
                    k++;
                if (k == share.Length)
                    return released;
                double force = apex ? Math.Sqrt(w.Held[b]) : Math.Abs(share[k]);
                if (!point && force > (multiplier * (1 + 1e-9)) + (1e-11 * scale))
                {
                    // Out of the centre in the direction of the force, so that the next step knows its sign.
                    w.Multipliers[flag] = 0;
                    w.Point[block.Variables[i]] = block.Centre[i] + (1e-6 * scale * share[k] / force);
                    released = true;
                }

                k++;
            }
        }

        return released;
    }

    /// <summary>Holds what is violated: rows and blocks at their bound, and variables of an L1 block at the centre they passed.</summary>
    private bool TakeIn(Workspace w, double scale)
    {
        double allowed = 1e-10 * scale;
        bool taken = false;
        for (int i = 0; i < _system.RowCount; i++)
        {
            double norm = _problem.Scale[i];
            double value = SpanKernels.Dot(_system.Row(i), w.Point);
            if (w.Multipliers[i] == 0 && !_system.IsEquality(i) && Math.Max(value - w.Upper[i], w.Lower[i] - value) > allowed * norm)
            {
                w.Multipliers[i] = value > w.Upper[i] ? double.Epsilon : -double.Epsilon;
                taken = true;
            }
        }

        for (int b = 0; b < w.Radii.Length; b++)
        {
            if (w.Multipliers[_system.RowCount + b] == 0 && Excess(b, w.Point, w) > allowed)
            {
                w.Multipliers[_system.RowCount + b] = double.Epsilon;
                taken = true;
            }
        }

        return taken;
    }

    /// <summary>W(y − z).</summary>
    private void FillPull(ReadOnlySpan<double> y, ReadOnlySpan<double> z, Span<double> pull)
    {
        for (int j = 0; j < pull.Length; j++)
            pull[j] = _weights[j] * (y[j] - z[j]);
    }

    private static void Negate(Span<double> values)
    {
        for (int k = 0; k < values.Length; k++)
            values[k] = -values[k];
    }
}
