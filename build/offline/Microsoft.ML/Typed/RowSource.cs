using System;

namespace Microsoft.ML.Data;

/// <summary>From objects to columns: value getters over the object that is the current one when they are called.</summary>
internal static class RowSource
{
    /// <summary>
    /// One getter for each active column (else null). <paramref name="current"/> gives the current object.
    /// The length of a vector is not checked, whatever its column's type says.
    /// </summary>
    public static Delegate[] MakeGetters<TRow>(InternalSchemaDefinition definition, Func<TRow> current, Func<int, bool> active)
    {
        var getters = new Delegate[definition.Columns.Length];
        for (int i = 0; i < getters.Length; i++)
            if (active(i))
                getters[i] = MakeGetter(definition.Columns[i], current);
        return getters;
    }

    private static Delegate MakeGetter<TRow>(InternalSchemaDefinition.Column column, Func<TRow> current)
    {
        var member = column.MemberType;
        if (member == typeof(string))
            return Text(MemberAccess.Reader<TRow, string>(column.Member), current);
        if (member == typeof(string[]))
            return Texts(MemberAccess.Reader<TRow, string[]>(column.Member), current);
        string method = member.IsArray ? nameof(Array) : MemberAccess.IsBuffer(member) ? nameof(Buffer)
            : column.ColumnType is KeyDataViewType ? nameof(Key) : nameof(Scalar);
        var item = member.IsArray ? member.GetElementType() : MemberAccess.IsBuffer(member) ? member.GetGenericArguments()[0] : member;
        return Generics.Call<Delegate>(typeof(RowSource), null, method, typeof(TRow), item, column, current);
    }

    private static ValueGetter<ReadOnlyMemory<char>> Text<TRow>(Func<TRow, string> read, Func<TRow> current) =>
        (ref ReadOnlyMemory<char> value) => value = read(current()).AsMemory();

    private static ValueGetter<VBuffer<ReadOnlyMemory<char>>> Texts<TRow>(Func<TRow, string[]> read, Func<TRow> current) =>
        (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var texts = read(current()) ?? [];
            var editor = VBufferEditor.Create(ref value, texts.Length);
            for (int i = 0; i < texts.Length; i++)
                editor.Values[i] = texts[i].AsMemory();
            value = editor.Commit();
        };

    private static Delegate Array<TRow, TItem>(InternalSchemaDefinition.Column column, Func<TRow> current)
    {
        var read = MemberAccess.Reader<TRow, TItem[]>(column.Member);
        return (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) =>
        {
            var items = read(current());
            int length = items?.Length ?? 0;
            VBuffer<TItem>.Copy(items, 0, ref value, length);
        });
    }

    private static Delegate Buffer<TRow, TItem>(InternalSchemaDefinition.Column column, Func<TRow> current)
    {
        var read = MemberAccess.Reader<TRow, VBuffer<TItem>>(column.Member);
        return (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) =>
        {
            var items = read(current());
            items.CopyTo(ref value);
        });
    }

    private static Delegate Scalar<TRow, TItem>(InternalSchemaDefinition.Column column, Func<TRow> current)
    {
        var read = MemberAccess.Reader<TRow, TItem>(column.Member);
        return (ValueGetter<TItem>)((ref TItem value) => value = read(current()));
    }

    // A member counts categories from 0, a column from 1; what is beyond the count is missing.
    private static Delegate Key<TRow, TItem>(InternalSchemaDefinition.Column column, Func<TRow> current)
    {
        var read = MemberAccess.Reader<TRow, TItem>(column.Member);
        ulong count = ((KeyDataViewType)column.ColumnType).Count;
        return (ValueGetter<TItem>)((ref TItem value) =>
        {
            ulong category = Convert.ToUInt64(read(current()));
            value = (TItem)Convert.ChangeType(category < count ? category + 1 : 0, typeof(TItem));
        });
    }
}
