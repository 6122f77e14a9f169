using System;
using System.Collections.Generic;
using System.Threading;

namespace Microsoft.ML.Constrained;

/// <summary>The trials of one experiment, and the best so far; takes the models from all others.</summary>
internal sealed class TrialLedger
{
    private readonly Lock _lock = new();

    // Lines, not results: those hold the models that were handed over.
    private readonly List<SearchTrial> _trials = [];
    private double _bestLoss = double.MaxValue;
    private ConstrainedTrialResult? _best;
    private IReadOnlyList<IDisposable> _bestParts = [];

    /// <summary>All trials, in the order in which they ended.</summary>
    public IReadOnlyList<SearchTrial> Trials
    {
        get
        {
            lock (_lock)
                return [.. _trials];
        }
    }

    /// <summary>Enters a trial, by the same rule as the experiment: the first of the smallest losses is the best.</summary>
    /// <param name="result">The trial's result.</param>
    /// <param name="parts">What is to be disposed of its model.</param>
    /// <returns>What is to be disposed of the model that was given up: the former best trial's, or this one's.</returns>
    public IReadOnlyList<IDisposable> Enter(ConstrainedTrialResult result, IReadOnlyList<IDisposable> parts)
    {
        SearchTrial trial = SearchTrial.Of(result);
        lock (_lock)
        {
            _trials.Add(trial);
            if (!(result.Loss < _bestLoss))
            {
                result.Model = null;
                return parts;
            }

            if (_best is not null)
                _best.Model = null;
            IReadOnlyList<IDisposable> former = _bestParts;
            (_bestLoss, _best, _bestParts) = (result.Loss, result, parts);
            return former;
        }
    }

    /// <summary>Leaves the best trial's model, from now on, to who has the result: a better one no longer takes it away.</summary>
    public void HandOver()
    {
        lock (_lock)
            (_best, _bestParts) = (null, []);
    }
}
