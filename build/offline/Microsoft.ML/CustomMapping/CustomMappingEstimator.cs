using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
    where TSrc : class, new()
    where TDst : class, new()
{
    internal CustomMappingEstimator(IHostEnvironment env, Action<TSrc, TDst> mapAction, string contractName,
        SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        : base(env.Register(nameof(CustomMappingEstimator<TSrc, TDst>)),
            new CustomMappingTransformer<TSrc, TDst>(env, mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var result = inputSchema.ToDictionary(c => c.Name);
        foreach (var wanted in InternalSchemaDefinition.Create(typeof(TSrc), Transformer.InputSchemaDefinition).Columns)
        {
            if (!result.TryGetValue(wanted.ColumnName, out var column))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", wanted.ColumnName);
            SchemaShape.GetColumnTypeShape(wanted.ColumnType, out var kind, out var itemType, out bool isKey);
            // A vector of any size also takes those of a known size.
            bool fits = kind == column.Kind
                || (kind == SchemaShape.Column.VectorKind.VariableVector && column.Kind == SchemaShape.Column.VectorKind.Vector);
            if (!fits || !itemType.Equals(column.ItemType) || isKey != column.IsKey)
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", wanted.ColumnName, wanted.ColumnType.ToString(),
                    column.GetTypeString());
        }
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(Transformer.AddedSchema.DetachedColumns());
        foreach (var added in SchemaShape.Create(builder.ToSchema()))
            result[added.Name] = added;
        return new SchemaShape(result.Values);
    }
}
