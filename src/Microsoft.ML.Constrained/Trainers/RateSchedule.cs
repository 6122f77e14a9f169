using System;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>The learning rate at each step.</summary>
internal sealed class RateSchedule(NetworkTrainerOptions options, long steps)
{
    private const double CosineEnd = 0.01, PlateauFactor = 0.5, PlateauEnd = 0.001;
    private const int PlateauEpochs = 5;

    private double _factor = 1, _best = double.PositiveInfinity;
    private int _waited;

    /// <summary>The rate of a step, counted from 0 over all epochs.</summary>
    public double At(long step) => options.StartRate * options.LearningRateSchedule switch
    {
        LearningRateSchedule.Cosine => CosineEnd + ((1 - CosineEnd) * 0.5 * (1 + Math.Cos(Math.PI * step / Math.Max(1, steps - 1)))),
        LearningRateSchedule.ReduceOnPlateau => _factor,
        _ => 1,
    };

    /// <summary>Takes note of an epoch's validation loss.</summary>
    public void Observe(double loss)
    {
        if (loss < _best)
        {
            (_best, _waited) = (loss, 0);
        }
        else if (++_waited >= PlateauEpochs)
        {
            (_factor, _waited) = (Math.Max(PlateauEnd, _factor * PlateauFactor), 0);
        }
    }
}
