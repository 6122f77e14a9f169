using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Finds what to put in place of the missing values of a column.</summary>
public sealed class MissingValueReplacingEstimator : IEstimator<MissingValueReplacingTransformer>
{
    public enum ReplacementMode : byte
    {
        DefaultValue = 0,
        Mean = 1,
        Minimum = 2,
        Maximum = 3,
        Mode = 5,
    }

    internal static class Defaults
    {
        public const ReplacementMode Mode = ReplacementMode.DefaultValue;
        public const bool ImputeBySlot = true;
    }

    internal sealed class ColumnOptions
    {
        public readonly string Name;
        public readonly string InputColumnName;
        public readonly bool ImputeBySlot;
        public readonly ReplacementMode Replacement;

        public ColumnOptions(string name, string inputColumnName = null, ReplacementMode replacementMode = Defaults.Mode,
            bool imputeBySlot = Defaults.ImputeBySlot)
        {
            Contracts.CheckNonEmpty(name, nameof(name));
            Name = name;
            InputColumnName = inputColumnName ?? name;
            ImputeBySlot = imputeBySlot;
            Replacement = replacementMode;
        }
    }

    private readonly IHost _host;
    private readonly ColumnOptions[] _columns;

    internal MissingValueReplacingEstimator(IHostEnvironment env, params ColumnOptions[] columns)
    {
        Contracts.CheckValue(env, nameof(env));
        _host = env.Register(nameof(MissingValueReplacingEstimator));
        _columns = columns;
    }

    public MissingValueReplacingTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return MissingValueReplacingTransformer.Train(_host, input, _columns);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach (var column in _columns)
        {
            if (!inputSchema.TryFindColumn(column.InputColumnName, out var input))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", column.InputColumnName);
            if (MissingValueReplacingTransformer.WhyNot(input.ItemType, input.IsKey) is { } reason)
                throw Contracts.ExceptParam(nameof(inputSchema), reason);
            var annotations = new List<SchemaShape.Column>();
            foreach (string kind in new[] { AnnotationUtils.Kinds.SlotNames, AnnotationUtils.Kinds.IsNormalized })
            {
                if (input.Annotations.TryFindColumn(kind, out var annotation))
                    annotations.Add(annotation);
            }
            result[column.Name] = new SchemaShape.Column(column.Name, input.Kind, input.ItemType, false, new SchemaShape(annotations));
        }
        return new SchemaShape(result.Values);
    }
}
