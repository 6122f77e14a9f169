using System;
using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Least, greatest, mean and spread of each slot of a column, NaN left out of all and infinities out of the mean. The slots that sparse
/// vectors leave out count as zeros.
/// </summary>
internal sealed class SlotStatistics<T> where T : struct, IFloatingPointIeee754<T>
{
    private readonly T[] _least;
    private readonly T[] _greatest;
    private readonly long[] _given;
    private readonly long[] _notFinite;
    private readonly long[] _count;
    private readonly double[] _mean;
    private readonly double[] _squares;
    private long _rows;

    public SlotStatistics(int slots)
    {
        Slots = slots;
        _least = new T[slots];
        _greatest = new T[slots];
        Array.Fill(_least, T.PositiveInfinity);
        Array.Fill(_greatest, T.NegativeInfinity);
        _given = new long[slots];
        _notFinite = new long[slots];
        _count = new long[slots];
        _mean = new double[slots];
        _squares = new double[slots];
    }

    public int Slots { get; }

    public void Add(in VBuffer<T> row)
    {
        var values = row.GetValues();
        var indices = row.GetIndices();
        for (int i = 0; i < values.Length; i++)
            AddTo(row.IsDense ? i : indices[i], values[i]);
        _rows++;
    }

    public void Add(T value)
    {
        AddTo(0, value);
        _rows++;
    }

    // The zeros enter the mean at the end, all at once (Welford's recurrence for the others).
    private void AddTo(int slot, T value)
    {
        _given[slot]++;
        AddToRange(slot, value);
        if (value == T.Zero)
            return;
        if (!T.IsFinite(value))
        {
            _notFinite[slot]++;
            return;
        }
        double x = double.CreateChecked(value), delta = x - _mean[slot];
        _mean[slot] += delta / ++_count[slot];
        _squares[slot] += delta * (x - _mean[slot]);
    }

    private void AddToRange(int slot, T value)
    {
        if (value > _greatest[slot])
            _greatest[slot] = value;
        if (value < _least[slot])
            _least[slot] = value;
    }

    public (T Least, T Greatest) Range(int slot)
    {
        if (_given[slot] < _rows)
            AddToRange(slot, T.Zero);
        return (_least[slot], _greatest[slot]);
    }

    /// <summary>The mean and the variance (over all values, not over one less).</summary>
    public (double Mean, double Variance) Spread(int slot)
    {
        double zeros = _rows - _count[slot] - _notFinite[slot], all = zeros + _count[slot];
        if (all == 0)
            return (0, 0);
        double mean = _mean[slot] * _count[slot] / all;
        double squares = _squares[slot] + _mean[slot] * mean * zeros;
        return (mean, squares / all);
    }
}
