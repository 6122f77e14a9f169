using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using static Microsoft.ML.Transforms.ValueToKeyMappingEstimator;

namespace Microsoft.ML;

public static class ConversionsExtensionsCatalog
{
    public static ValueToKeyMappingEstimator MapValueToKey(this TransformsCatalog.ConversionTransforms catalog, string outputColumnName,
        string inputColumnName = null,
        int maximumNumberOfKeys = Defaults.MaximumNumberOfKeys, KeyOrdinality keyOrdinality = Defaults.Ordinality,
        bool addKeyValueAnnotationsAsText = Defaults.AddKeyValueAnnotationsAsText, IDataView keyData = null) =>
        new(catalog.GetEnvironment(), new[] { new ColumnOptions(outputColumnName, inputColumnName, maximumNumberOfKeys, keyOrdinality,
            addKeyValueAnnotationsAsText) }, keyData);

    public static ValueToKeyMappingEstimator MapValueToKey(this TransformsCatalog.ConversionTransforms catalog,
        InputOutputColumnPair[] columns,
        int maximumNumberOfKeys = Defaults.MaximumNumberOfKeys, KeyOrdinality keyOrdinality = Defaults.Ordinality,
        bool addKeyValueAnnotationsAsText = Defaults.AddKeyValueAnnotationsAsText, IDataView keyData = null)
    {
        Contracts.CheckValue(columns, nameof(columns));
        return new ValueToKeyMappingEstimator(catalog.GetEnvironment(),
            columns.Select(c => new ColumnOptions(c.OutputColumnName, c.InputColumnName, maximumNumberOfKeys, keyOrdinality,
                addKeyValueAnnotationsAsText)).ToArray(), keyData);
    }

    public static KeyToValueMappingEstimator MapKeyToValue(this TransformsCatalog.ConversionTransforms catalog, string outputColumnName,
        string inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnName);

    public static KeyToValueMappingEstimator MapKeyToValue(this TransformsCatalog.ConversionTransforms catalog,
        InputOutputColumnPair[] columns)
    {
        Contracts.CheckValue(columns, nameof(columns));
        return new KeyToValueMappingEstimator(catalog.GetEnvironment(), InputOutputColumnPair.ConvertToValueTuples(columns));
    }
}
