using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

internal sealed class RandomSearchTuner(SearchSpace.SearchSpace space, int? seed) : ITuner
{
    private readonly Random _random = seed is { } value ? new Random(value) : new Random();

    public Parameter Propose(TrialSettings settings) =>
        space.SampleFromFeatureSpace(Enumerable.Range(0, space.FeatureSpaceDim).Select(_ => _random.NextDouble()).ToArray());

    public void Update(TrialResult result) { }
}

/// <summary>The points of a grid, the last coordinate fastest, and then again from the first.</summary>
internal sealed class GridSearchTuner(SearchSpace.SearchSpace space, int step) : ITuner
{
    private IEnumerator<double[]> _points;

    public Parameter Propose(TrialSettings settings)
    {
        while (_points?.MoveNext() != true)
            _points = Points([], space.Step.Select(s => s ?? step).ToArray()).GetEnumerator();
        return space.SampleFromFeatureSpace(_points.Current);
    }

    public void Update(TrialResult result) { }

    private static IEnumerable<double[]> Points(double[] first, int[] steps)
    {
        if (steps.Length == 0)
            return [first];
        return Enumerable.Range(0, steps[0]).SelectMany(i => Points([.. first, i * 1.0 / steps[0]], steps[1..]));
    }
}
