using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    /// <summary>The first rows of a view, held in memory.</summary>
    public sealed class DataDebuggerPreview
    {
        internal static class Defaults
        {
            public const int MaxRows = 100;
        }

        public sealed class ColumnInfo
        {
            internal ColumnInfo(DataViewSchema.Column column, object[] values) => (Column, Values) = (column, values);

            public DataViewSchema.Column Column { get; }

            public object[] Values { get; }

            public override string ToString() => $"{Column.Name}: {Column.Type}";
        }

        public sealed class RowInfo
        {
            internal RowInfo(int n) => Values = new KeyValuePair<string, object>[n];

            public KeyValuePair<string, object>[] Values { get; }

            public override string ToString() => $"{Values.Length} columns";
        }

        internal DataDebuggerPreview(IDataView data, int maxRows = Defaults.MaxRows)
        {
            Contracts.CheckValue(data, nameof(data));
            Contracts.CheckParam(maxRows >= 0, nameof(maxRows));
            Schema = data.Schema;
            var columns = Schema.Select(_ => new List<object>()).ToArray();
            var rows = ImmutableArray.CreateBuilder<RowInfo>();
            using var cursor = data.GetRowCursor(Schema);
            var getters = Schema.Select(c =>
                Generics.Call<Func<object>>(typeof(DataDebuggerPreview), null, nameof(Boxed), c.Type.RawType, cursor, c)).ToArray();
            while (rows.Count < maxRows && cursor.MoveNext())
            {
                var row = new RowInfo(getters.Length);
                for (int i = 0; i < getters.Length; i++)
                {
                    columns[i].Add(getters[i]());
                    row.Values[i] = new(Schema[i].Name, columns[i][^1]);
                }
                rows.Add(row);
            }
            RowView = rows.ToImmutable();
            ColumnView = Schema.Select(c => new ColumnInfo(c, columns[c.Index].ToArray())).ToImmutableArray();
        }

        public DataViewSchema Schema { get; }

        public ImmutableArray<ColumnInfo> ColumnView { get; }

        public ImmutableArray<RowInfo> RowView { get; }

        private static Func<object> Boxed<TValue>(DataViewRow row, DataViewSchema.Column column)
        {
            var getter = row.GetGetter<TValue>(column);
            return () =>
            {
                TValue value = default;
                getter(ref value);
                return value;
            };
        }

        public override string ToString() => $"{Schema.Count} columns, {RowView.Length} rows";
    }
}

namespace Microsoft.ML
{
    public static class DebuggerExtensions
    {
        public static DataDebuggerPreview Preview(this IDataView data, int maxRows = DataDebuggerPreview.Defaults.MaxRows) =>
            new(data, maxRows);

        public static DataDebuggerPreview Preview(this ITransformer transformer, IDataView data,
            int maxRows = DataDebuggerPreview.Defaults.MaxRows)
        {
            Contracts.CheckValue(transformer, nameof(transformer));
            Contracts.CheckValue(data, nameof(data));
            return new(transformer.Transform(data), maxRows);
        }
    }
}
