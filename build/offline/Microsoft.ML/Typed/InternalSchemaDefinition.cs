using System;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A checked definition: each column with its member and a type that fits.</summary>
internal sealed class InternalSchemaDefinition
{
    public sealed record Column(string ColumnName, DataViewType ColumnType, MemberInfo Member, DataViewSchema.Annotations Annotations)
    {
        public Type MemberType => MemberAccess.TypeOf(Member);
    }

    public Column[] Columns { get; private init; }

    public DataViewSchema.DetachedColumn[] DetachedColumns() =>
        Array.ConvertAll(Columns, c => new DataViewSchema.DetachedColumn(c.ColumnName, c.ColumnType, c.Annotations));

    public static InternalSchemaDefinition Create(Type userType, SchemaDefinition.Direction direction) =>
        Create(userType, SchemaDefinition.Create(userType, direction));

    public static InternalSchemaDefinition Create(Type userType, SchemaDefinition userSchemaDefinition)
    {
        userSchemaDefinition ??= SchemaDefinition.Create(userType);
        var columns = userSchemaDefinition.Select(c => Bound(userType, c, nameof(userSchemaDefinition)));
        return new InternalSchemaDefinition { Columns = columns.ToArray() };
    }

    private static Column Bound(Type userType, SchemaDefinition.Column column, string parameter)
    {
        MemberInfo member = (MemberInfo)userType.GetField(column.MemberName) ?? userType.GetProperty(column.MemberName) ??
            throw Contracts.ExceptParam(parameter,
                $"No field or property with name '{column.MemberName}' found in type '{userType.FullName}'");
        var (isVector, raw) = MemberAccess.ShapeOf(member);
        string name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
        var type = column.ColumnType ?? (isVector ? new VectorDataViewType(PrimitiveTypes.Of(raw)) : PrimitiveTypes.Of(raw));
        static string Shape(bool vector) => vector ? "vector" : "scalar";
        Contracts.CheckParam(isVector == type is VectorDataViewType, parameter, $"Column '{name}' is supposed to be {Shape(!isVector)}, " +
            $"but type of associated field '{column.MemberName}' is {Shape(isVector)}");
        var item = PrimitiveTypes.ItemOf(type).RawType;
        Contracts.CheckParam(item == raw, parameter,
            $"Column '{name}' is supposed to have item type {item}, but associated field has type {raw}");
        return new Column(name, type, member, column.Annotations);
    }
}
