using System;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>A learning rate that is halved when the error has not fallen for more than five epochs, with five epochs' rest after that.</summary>
internal sealed class PlateauRate(double rate)
{
    private const double Factor = 0.5, Threshold = 1e-4;
    private const int Patience = 5, Cooldown = 5;

    private double _best = double.PositiveInfinity;
    private int _worse, _rest;

    public double Rate { get; private set; } = rate;

    public void Next(double error)
    {
        if (error < _best * (1 - Threshold))
            (_best, _worse) = (error, 0);
        else
            _worse++;
        if (_rest > 0)
            (_rest, _worse) = (_rest - 1, 0);
        if (_worse <= Patience)
            return;
        Rate *= Factor;
        (_worse, _rest) = (0, Cooldown);
    }
}
