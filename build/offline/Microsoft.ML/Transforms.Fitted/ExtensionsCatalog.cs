using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using static Microsoft.ML.Transforms.MissingValueReplacingEstimator;

namespace Microsoft.ML;

public static class ExtensionsCatalog
{
    public static MissingValueReplacingEstimator ReplaceMissingValues(this TransformsCatalog catalog, string outputColumnName,
        string inputColumnName = null,
        ReplacementMode replacementMode = Defaults.Mode, bool imputeBySlot = Defaults.ImputeBySlot) =>
        new(catalog.GetEnvironment(), new ColumnOptions(outputColumnName, inputColumnName, replacementMode, imputeBySlot));

    public static MissingValueReplacingEstimator ReplaceMissingValues(this TransformsCatalog catalog, InputOutputColumnPair[] columns,
        ReplacementMode replacementMode = Defaults.Mode, bool imputeBySlot = Defaults.ImputeBySlot)
    {
        Contracts.CheckValue(columns, nameof(columns));
        return new MissingValueReplacingEstimator(catalog.GetEnvironment(),
            columns.Select(c => new ColumnOptions(c.OutputColumnName, c.InputColumnName, replacementMode, imputeBySlot)).ToArray());
    }
}
