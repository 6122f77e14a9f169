using System;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// min ½ Σ wᵢ(zᵢ − yᵢ)² with l ≤ z ≤ u and lower ≤ aᵀz ≤ upper: z(μ) = clip(y − μ W⁻¹a, l, u). Newton's method on the falling, piecewise
/// linear aᵀz(μ), kept between two brackets, with a breakpoint from the middle where a step leaves them or nothing moves; exact once
/// the set of variables strictly between their bounds stays. What rounding leaves is spread over those afterwards, so that the row is met
/// to rounding of its own terms however large y is.
/// </summary>
internal readonly ref struct BudgetSearch(BudgetRow row, ReadOnlySpan<double> y, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
{
    private const int PassLimit = 5000;
    private const int Corrections = 3;

    /// <summary>Of the sum of the terms' sizes: what adding them up may get wrong.</summary>
    private const double Rounding = 4e-16;

    /// <summary>Of a row's own scale: from which on what large y cost it is worth a second search.</summary>
    private const double Loss = 1e-13;

    private readonly ReadOnlySpan<double> _a = row.Coefficients, _slopes = row.Slopes, _y = y, _lower = lower, _upper = upper;

    /// <param name="least">The row's lower limit; −∞ for none.</param>
    /// <param name="most">The row's upper limit; +∞ for none.</param>
    /// <param name="tolerance">By how much of its own scale a level may lie outside what the bounds allow.</param>
    /// <param name="z">Receives the point.</param>
    /// <param name="multiplier">Receives μ: positive at the upper limit, negative at the lower one.</param>
    public SolverStatus Solve(double least, double most, double tolerance, Span<double> z, out double multiplier)
    {
        multiplier = 0;
        if (least > most)
            return SolverStatus.PrimalInfeasible;
        double sum = At(_y, 0, out double rate), level = sum > most ? most : sum < least ? least : double.NaN;
        if (double.IsNaN(level))
        {
            Write(_y, 0, z);
            return SolverStatus.Solved;
        }

        int direction = sum > level ? 1 : -1;
        double end = Extreme(direction, out double size), beyond = direction * (end - level);
        if (beyond >= 0)
        {
            // All at their ends, or short of the level even there.
            for (int k = 0; k < z.Length; k++)
                z[k] = direction * _a[k] > 0 ? _lower[k] : _upper[k];
            multiplier = Farthest(direction);
            return beyond <= tolerance * Math.Max(1, Math.Max(Math.Abs(level), size)) ? SolverStatus.Solved : SolverStatus.PrimalInfeasible;
        }

        if (!Search(_y, sum, rate, level, direction, out multiplier))
            return SolverStatus.IterationLimit;
        if (Math.Abs(At(_y, multiplier, out rate) - level) > Loss * Math.Max(Math.Abs(level), size))
        {
            // Once more from the multiplier found: differences from it have the resolution that y lacks.
            for (int k = 0; k < z.Length; k++)
                z[k] = _y[k] - multiplier * _slopes[k];
            sum = At(z, 0, out rate);
            if (!Search(z, sum, rate, level, sum > level ? 1 : -1, out double rest))
                return SolverStatus.IterationLimit;
            Write(z, rest, z);
            multiplier += rest;
        }
        else
        {
            Write(_y, multiplier, z);
        }

        Correct(level, z);
        return SolverStatus.Solved;
    }

    private bool Search(ReadOnlySpan<double> y, double sum, double rate, double level, int direction, out double multiplier)
    {
        (double low, double high) = direction > 0 ? (0.0, double.PositiveInfinity) : (double.NegativeInfinity, 0.0);
        multiplier = 0;
        double size = Math.Abs(level);
        for (int k = 0; k < _y.Length; k++)
            size += Math.Abs(_a[k] * y[k]);
        for (int pass = 0; pass < PassLimit; pass++)
        {
            double excess = sum - level;
            if (Math.Abs(excess) <= Rounding * (size + Math.Abs(multiplier) * rate))
                return true;
            if (excess > 0)
                low = multiplier;
            else
                high = multiplier;
            double next = multiplier + excess / rate;
            if (!(rate > 0 && next > low && next < high) && !Middle(y, low, high, excess, out next))
            {
                // Nothing lies between the brackets, neither a breakpoint nor a number.
                multiplier = double.IsFinite(low) ? low : high;
                return true;
            }

            multiplier = next;
            sum = At(y, multiplier, out rate);
        }

        return false;
    }

    /// <summary>Σ aᵢ zᵢ(μ) and how fast it falls: Σ aᵢ²/wᵢ over the variables strictly between their bounds.</summary>
    private double At(ReadOnlySpan<double> y, double multiplier, out double rate)
    {
        double sum = 0;
        rate = 0;
        for (int k = 0; k < _y.Length; k++)
        {
            double value = y[k] - multiplier * _slopes[k];
            if (value <= _lower[k])
            {
                value = _lower[k];
            }
            else if (value >= _upper[k])
            {
                value = _upper[k];
            }
            else
            {
                rate += _a[k] * _slopes[k];
            }

            sum += _a[k] * value;
        }

        return sum;
    }

    private void Write(ReadOnlySpan<double> y, double multiplier, Span<double> z)
    {
        for (int k = 0; k < z.Length; k++)
            z[k] = Math.Min(Math.Max(y[k] - multiplier * _slopes[k], _lower[k]), _upper[k]);
    }

    /// <summary>What rounding of large y leaves of the row is spread over the free variables.</summary>
    private void Correct(double level, Span<double> z)
    {
        for (int pass = 0; pass < Corrections; pass++)
        {
            double sum = 0, rate = 0;
            for (int k = 0; k < z.Length; k++)
            {
                sum += _a[k] * z[k];
                if (z[k] > _lower[k] && z[k] < _upper[k])
                    rate += _a[k] * _slopes[k];
            }

            double step = (sum - level) / rate;
            if (rate == 0 || step == 0)
                return;
            for (int k = 0; k < z.Length; k++)
            {
                if (z[k] > _lower[k] && z[k] < _upper[k])
                    z[k] = Math.Min(Math.Max(z[k] - step * _slopes[k], _lower[k]), _upper[k]);
            }
        }
    }

    /// <summary>aᵀz where every variable is at the end that makes it least (direction 1) or greatest, and Σ|aᵢzᵢ| there.</summary>
    private double Extreme(int direction, out double size)
    {
        double sum = 0;
        size = 0;
        for (int k = 0; k < _y.Length; k++)
        {
            double term = _a[k] * (direction * _a[k] > 0 ? _lower[k] : _upper[k]);
            sum += term;
            size += Math.Abs(term);
        }

        return sum;
    }

    /// <summary>The multiplier from which on every variable is at its end.</summary>
    private double Farthest(int direction)
    {
        double farthest = 0;
        for (int k = 0; k < _y.Length; k++)
        {
            double point = (_y[k] - (direction * _a[k] > 0 ? _lower[k] : _upper[k])) / _slopes[k];
            farthest = direction > 0 ? Math.Max(farthest, point) : Math.Min(farthest, point);
        }

        return farthest;
    }

    /// <summary>
    /// A multiplier between the brackets: half way between the first and the last breakpoint there; without any, half way between the
    /// brackets or, where one is infinite, a step beyond the other: from there the sum is linear.
    /// </summary>
    private bool Middle(ReadOnlySpan<double> y, double low, double high, double excess, out double middle)
    {
        (double first, double last) = (double.PositiveInfinity, double.NegativeInfinity);
        double rate = 0;
        for (int k = 0; k < y.Length; k++)
        {
            rate += _a[k] * _slopes[k];
            Note((y[k] - _lower[k]) / _slopes[k]);
            Note((y[k] - _upper[k]) / _slopes[k]);
        }

        double step = Math.Abs(excess) / rate;
        if (first <= last)
            middle = first + (last - first) / 2;
        else if (double.IsInfinity(high))
            middle = Math.Max(low + step, Math.BitIncrement(low));
        else if (double.IsInfinity(low))
            middle = Math.Min(high - step, Math.BitDecrement(high));
        else
            middle = low + (high - low) / 2;
        return middle > low && middle < high;

        void Note(double point)
        {
            if (!(point > low && point < high) || !double.IsFinite(point))
                return;
            first = Math.Min(first, point);
            last = Math.Max(last, point);
        }
    }
}
