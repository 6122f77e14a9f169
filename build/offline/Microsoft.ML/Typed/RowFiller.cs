using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>From columns to objects: which columns a type takes from a schema, and the filling of objects from a row.</summary>
internal sealed class RowFiller<TRow> where TRow : class
{
    private readonly (InternalSchemaDefinition.Column Member, DataViewSchema.Column Source)[] _pairs;

    public RowFiller(DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        var wanted = definition == null
            ? InternalSchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write)
            : InternalSchemaDefinition.Create(typeof(TRow), definition);
        var pairs = new List<(InternalSchemaDefinition.Column, DataViewSchema.Column)>();
        foreach (var member in wanted.Columns)
        {
            if (schema.GetColumnOrNull(member.ColumnName) is not { } source)
            {
                if (ignoreMissingColumns)
                    continue;
                throw Contracts.ExceptSchemaMismatch("Schema", "", member.ColumnName);
            }
            var (isVector, raw) = MemberAccess.ShapeOf(member.Member);
            Contracts.Check(isVector == source.Type is VectorDataViewType && PrimitiveTypes.ItemOf(source.Type).RawType == raw,
                $"Can't bind the IDataView column '{source.Name}' of type '{source.Type}' to field or property '{member.Member.Name}' " +
                $"of type '{member.MemberType}'.");
            pairs.Add((member, source));
        }
        _pairs = pairs.ToArray();
    }

    public IEnumerable<DataViewSchema.Column> Columns => _pairs.Select(p => p.Source);

    /// <summary>Fills objects with what the row shows at the time of the call.</summary>
    public Action<TRow> Bind(DataViewRow row)
    {
        var setters = Array.ConvertAll(_pairs, p => Setter(row, p.Member, p.Source));
        return target =>
        {
            foreach (var set in setters)
                set(target);
        };
    }

    private static Action<TRow> Setter(DataViewRow row, InternalSchemaDefinition.Column member, DataViewSchema.Column source)
    {
        var type = member.MemberType;
        if (type == typeof(string))
            return Text(row, member, source);
        if (type == typeof(string[]))
            return Texts(row, member, source);
        return Generics.Call<Action<TRow>>(typeof(RowFiller<TRow>), null, type.IsArray ? nameof(Items) : nameof(Value),
            type.IsArray ? type.GetElementType() : type, row, member, source);
    }

    private static Action<TRow> Text(DataViewRow row, InternalSchemaDefinition.Column member, DataViewSchema.Column source)
    {
        var get = row.GetGetter<ReadOnlyMemory<char>>(source);
        var write = MemberAccess.Writer<TRow, string>(member.Member);
        ReadOnlyMemory<char> text = default;
        return target =>
        {
            get(ref text);
            write(target, text.ToString());
        };
    }

    private static Action<TRow> Texts(DataViewRow row, InternalSchemaDefinition.Column member, DataViewSchema.Column source)
    {
        var get = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(source);
        var write = MemberAccess.Writer<TRow, string[]>(member.Member);
        VBuffer<ReadOnlyMemory<char>> texts = default;
        return target =>
        {
            get(ref texts);
            write(target, texts.DenseValues().Select(t => t.ToString()).ToArray());
        };
    }

    // The object's own array is filled when its length fits (null fits no items).
    private static Action<TRow> Items<TItem>(DataViewRow row, InternalSchemaDefinition.Column member, DataViewSchema.Column source)
    {
        var get = row.GetGetter<VBuffer<TItem>>(source);
        var read = Readable(member) ? MemberAccess.Reader<TRow, TItem[]>(member.Member) : _ => null;
        var write = MemberAccess.Writer<TRow, TItem[]>(member.Member);
        VBuffer<TItem> items = default;
        return target =>
        {
            get(ref items);
            var array = read(target);
            if ((array?.Length ?? 0) != items.Length)
                array = new TItem[items.Length];
            items.CopyTo(array);
            write(target, array);
        };
    }

    // Buffers are refilled in place; other values are just assigned.
    private static Action<TRow> Value<TValue>(DataViewRow row, InternalSchemaDefinition.Column member, DataViewSchema.Column source)
    {
        var get = row.GetGetter<TValue>(source);
        bool refill = MemberAccess.IsBuffer(typeof(TValue)) && Readable(member);
        var read = refill ? MemberAccess.Reader<TRow, TValue>(member.Member) : _ => default;
        var write = MemberAccess.Writer<TRow, TValue>(member.Member);
        return target =>
        {
            var value = read(target);
            get(ref value);
            write(target, value);
        };
    }

    private static bool Readable(InternalSchemaDefinition.Column member) =>
        member.Member is not System.Reflection.PropertyInfo property || property.GetGetMethod() != null;
}
