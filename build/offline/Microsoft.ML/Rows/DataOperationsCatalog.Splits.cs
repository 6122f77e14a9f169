using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

// Splitting rows into training and test sets.
public sealed partial class DataOperationsCatalog
{
    private const uint DefaultSplitSeed = 42;

    /// <summary>A training set and a test set.</summary>
    public readonly struct TrainTestData
    {
        public readonly IDataView TrainSet;
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }

    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckParam(0 < testFraction && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        return Split(data, WithSplitColumn(_env, data, samplingKeyColumnName, seed), 0, testFraction, null);
    }

    public IReadOnlyList<TrainTestData> CrossValidationSplit(IDataView data, int numberOfFolds = 5, string samplingKeyColumnName = null,
        int? seed = null)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckParam(numberOfFolds > 1, nameof(numberOfFolds), "Must be more than 1");
        return CrossValidationSplit(_env, data, numberOfFolds, samplingKeyColumnName, seed);
    }

    // A row whose number is on the border of two folds is in both test sets; this can happen only with sampling keys that are numbers.
    internal static TrainTestData[] CrossValidationSplit(IHostEnvironment env, IDataView data, int numberOfFolds, string samplingKeyColumn,
        int? seed)
    {
        var numbered = WithSplitColumn(env, data, samplingKeyColumn, seed);
        return Enumerable.Range(0, numberOfFolds)
            .Select(fold => Split(data, numbered, (double)fold / numberOfFolds, (double)(fold + 1) / numberOfFolds, true)).ToArray();
    }

    private static TrainTestData Split(IDataView data, (IDataView View, DataViewSchema.Column Column) numbered, double min, double max,
        bool? includeMax) => new(
        new RangeFilter(numbered.View, numbered.Column, min, max, complement: true, includeMax, data.Schema),
        new RangeFilter(numbered.View, numbered.Column, min, max, complement: false, includeMax, data.Schema));

    /// <summary>
    /// The view, with one more column if needed, and the column that decides the set of each row, which is
    /// equal for rows with an equal sampling key.
    /// </summary>
    private static (IDataView View, DataViewSchema.Column Column) WithSplitColumn(IHostEnvironment env, IDataView data,
        string samplingKeyColumn, int? seed)
    {
        uint seedToUse = (uint?)(seed ?? ((IHostEnvironmentInternal)env).Seed) ?? DefaultSplitSeed;
        string name = "SplitColumn";
        while (data.Schema.GetColumnOrNull(name) != null)
            name += "_";
        if (samplingKeyColumn == null)
            return Last(new SplitNumbers(data, name, null, seedToUse));
        var key = data.Schema.GetColumnOrNull(samplingKeyColumn)
            ?? throw Contracts.ExceptSchemaMismatch(nameof(samplingKeyColumn), "SamplingKeyColumn", samplingKeyColumn);
        if (key.Type is KeyDataViewType)
            return (data, key);
        return Last(RangeFilter.IsValidRangeFilterColumnType(key.Type)
            ? new TransformsCatalog(env).NormalizeMinMax(name, samplingKeyColumn, fixZero: false).Fit(data).Transform(data)
            : new SplitNumbers(data, name, samplingKeyColumn, seedToUse));
    }

    private static (IDataView, DataViewSchema.Column) Last(IDataView view) => (view, view.Schema[view.Schema.Count - 1]);
}
