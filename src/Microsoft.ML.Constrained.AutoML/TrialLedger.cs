using System;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.Constrained;

/// <summary>The best trial so far of one experiment; takes the models from all others.</summary>
internal sealed class TrialLedger
{
    private readonly Lock _lock = new();
    private ConstrainedTrialResult? _best;
    private IReadOnlyList<IDisposable> _bestParts = [];

    /// <summary>Enters a trial, by the same rule as the experiment: the first of the smallest losses is the best.</summary>
    /// <param name="result">The trial's result.</param>
    /// <param name="parts">What is to be disposed of its model.</param>
    /// <returns>What is to be disposed of the model that was given up: the former best trial's, or this one's.</returns>
    public IReadOnlyList<IDisposable> Enter(ConstrainedTrialResult result, IReadOnlyList<IDisposable> parts)
    {
        lock (_lock)
        {
            if (!(result.Loss < (_best?.Loss ?? double.MaxValue)))
            {
                result.Model = null;
                return parts;
            }

            if (_best is not null)
                _best.Model = null;
            IReadOnlyList<IDisposable> former = _bestParts;
            (_best, _bestParts) = (result, parts);
            return former;
        }
    }
}
