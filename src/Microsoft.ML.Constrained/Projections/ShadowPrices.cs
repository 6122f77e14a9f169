using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// From the multipliers of a lowered system's rows and norm blocks to one price for each constraint: of its sum or radius where it has one
/// (for an L∞ ball that is the sum of the rows' magnitudes, since the radius is in each of them), else the multiplier of largest magnitude.
/// </summary>
internal sealed class ShadowPrices
{
    private readonly ConstraintSystem _system;
    private readonly ConstraintKind[] _kinds;

    public ShadowPrices(ConstraintSet set, ConstraintSystem system)
    {
        _system = system;
        _kinds = new ConstraintKind[set.Constraints.Count];
        for (int i = 0; i < _kinds.Length; i++)
            _kinds[i] = set.Constraints[i].Kind;
    }

    /// <param name="multipliers">One for each row, then one for each norm block.</param>
    /// <param name="prices">Receives one for each constraint.</param>
    public void Fill(ReadOnlySpan<double> multipliers, Span<double> prices)
    {
        prices.Clear();
        int previous = -1;
        for (int i = 0; i < _system.RowCount; i++)
        {
            int owner = _system.RowOwner[i];
            double value = multipliers[i];
            switch (_kinds[owner])
            {
                case ConstraintKind.Ball:
                    prices[owner] += Math.Abs(value);
                    break;
                case ConstraintKind.Simplex or ConstraintKind.CappedSimplex:
                    if (owner != previous)
                        prices[owner] = value;
                    break;
                default:
                    if (Math.Abs(value) > Math.Abs(prices[owner]))
                        prices[owner] = value;
                    break;
            }

            previous = owner;
        }

        for (int b = 0; b < _system.Norms.Count; b++)
            prices[_system.Norms[b].Owner] = multipliers[_system.RowCount + b];
    }
}
