using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How the public fields and properties of a type map to columns; can be changed before use.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public sealed class Column
    {
        private readonly List<(string Kind, DataViewType Type, Delegate Getter)> _annotations = [];

        internal Column(string memberName, DataViewType columnType, string columnName = null)
        {
            Contracts.CheckValue(memberName, nameof(memberName));
            MemberName = memberName;
            ColumnName = columnName ?? memberName;
            ColumnType = columnType;
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType) =>
            Add(kind, annotationType, (ValueGetter<T>)((ref T destination) => destination = value));

        internal void Add(string kind, DataViewType type, Delegate getter)
        {
            if (_annotations.Any(a => a.Kind == kind))
                throw Contracts.Except("Column already contains an annotation of this kind.");
            _annotations.Add((kind, type, getter));
        }

        public DataViewSchema.Annotations Annotations
        {
            get
            {
                var builder = new DataViewSchema.Annotations.Builder();
                foreach (var (kind, type, getter) in _annotations)
                    builder.Add(kind, type, getter);
                return builder.ToAnnotations();
            }
        }
    }

    private SchemaDefinition() { }

    public Column this[string columnName]
    {
        get => this.FirstOrDefault(c => c.ColumnName == columnName);
        set
        {
            Contracts.CheckValue(value, nameof(value));
            Contracts.CheckParam(value.ColumnName == columnName, nameof(columnName),
                "The column name in the definition must match the indexer.");
            int index = FindIndex(c => c.ColumnName == columnName);
            if (index >= 0)
                this[index] = value;
            else
                Add(value);
        }
    }

    /// <summary>Fields first, then properties with what the direction needs.</summary>
    internal static MemberInfo[] GetMemberInfos(Type userType, Direction direction)
    {
        bool Fits(PropertyInfo property) => property.GetIndexParameters().Length == 0 &&
            (direction.HasFlag(Direction.Read) && property.GetGetMethod() != null ||
            direction.HasFlag(Direction.Write) && property.GetSetMethod() != null);
        var properties = userType.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(Fits);
        return [.. userType.GetFields(BindingFlags.Instance | BindingFlags.Public), .. properties];
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        var definition = new SchemaDefinition();
        foreach (var member in GetMemberInfos(userType, direction))
        {
            if (member.GetCustomAttribute<NoColumnAttribute>() != null)
                continue;
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (definition[name] != null)
                throw Contracts.ExceptParam(nameof(userType), $"Duplicate column name '{name}' detected, this is disallowed");
            definition.Add(new Column(member.Name, TypeOf(member, nameof(userType)), name));
        }
        return definition;
    }

    private static DataViewType TypeOf(MemberInfo member, string userType)
    {
        var (isVector, raw) = MemberAccess.ShapeOf(member);
        PrimitiveDataViewType item;
        if (member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
        {
            if (!KeyDataViewType.IsValidDataType(raw))
                throw Contracts.ExceptParam(userType,
                    $"Member {member.Name} marked with KeyType attribute, but does not appear to be a valid kind " +
                    "of data for a key type");
            item = new KeyDataViewType(raw, key.KeyCount?.Count ?? Convert.ToUInt64(raw.GetField("MaxValue").GetValue(null)));
        }
        else
            item = PrimitiveTypes.Of(raw);
        var vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (!isVector)
        {
            Contracts.CheckParam(vector == null, userType,
                $"Member {member.Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector type");
            return item;
        }
        if (vector?.Dims is not { Length: > 0 } dims)
            return new VectorDataViewType(item);
        Contracts.CheckParam(dims.All(d => d >= 0), userType, $"Some of member {member.Name}'s dimension lengths are negative");
        return new VectorDataViewType(item, dims);
    }

    /// <summary>
    /// The type's definition with the column types and annotations of a schema, each of whose columns must have its member.
    /// </summary>
    internal static SchemaDefinition Create(Type userType, DataViewSchema schema)
    {
        var definition = Create(userType, Direction.Read);
        foreach (var column in schema)
        {
            var own = definition[column.Name] ?? throw Contracts.Except($"Type should contain a member named {column.Name}");
            own.ColumnType = column.Type;
            foreach (var annotation in column.Annotations.Schema)
                own.Add(annotation.Name, annotation.Type, column.Annotations.GetGetterInternal(annotation.Index));
        }
        return definition;
    }
}
