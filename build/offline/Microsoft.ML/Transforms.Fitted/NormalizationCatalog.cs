using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using static Microsoft.ML.Transforms.NormalizingEstimator;

namespace Microsoft.ML;

public static class NormalizationCatalog
{
    public static NormalizingEstimator NormalizeMinMax(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = null,
        long maximumExampleCount = Defaults.MaximumExampleCount, bool fixZero = Defaults.EnsureZeroUntouched) =>
        new(catalog.GetEnvironment(), new MinMaxColumnOptions(outputColumnName, inputColumnName, maximumExampleCount, fixZero));

    public static NormalizingEstimator NormalizeMinMax(this TransformsCatalog catalog, InputOutputColumnPair[] columns,
        long maximumExampleCount = Defaults.MaximumExampleCount, bool fixZero = Defaults.EnsureZeroUntouched) =>
        new(catalog.GetEnvironment(), columns
            .Select(c => new MinMaxColumnOptions(c.OutputColumnName, c.InputColumnName, maximumExampleCount, fixZero)).ToArray());

    public static NormalizingEstimator NormalizeMeanVariance(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = null,
        long maximumExampleCount = Defaults.MaximumExampleCount, bool fixZero = Defaults.EnsureZeroUntouched,
        bool useCdf = Defaults.MeanVarCdf) =>
        new(catalog.GetEnvironment(), new MeanVarianceColumnOptions(outputColumnName, inputColumnName, maximumExampleCount, fixZero,
            useCdf));

    public static NormalizingEstimator NormalizeMeanVariance(this TransformsCatalog catalog, InputOutputColumnPair[] columns,
        long maximumExampleCount = Defaults.MaximumExampleCount, bool fixZero = Defaults.EnsureZeroUntouched,
        bool useCdf = Defaults.MeanVarCdf) =>
        new(catalog.GetEnvironment(), columns
            .Select(c => new MeanVarianceColumnOptions(c.OutputColumnName, c.InputColumnName, maximumExampleCount, fixZero, useCdf))
            .ToArray());
}
