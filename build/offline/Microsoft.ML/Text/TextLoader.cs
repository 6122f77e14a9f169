using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Text files as views: a row for each line that is not empty and no comment.</summary>
public sealed partial class TextLoader : IDataLoader<IMultiStreamSource>
{
    private const int SampleLines = 100;
    private readonly Options _options;
    private readonly TextColumn[] _columns;
    private readonly DataViewSchema _schema;

    internal TextLoader(IHostEnvironment env, Options options = null, IMultiStreamSource dataSample = null)
    {
        _options = (options ?? new Options()).Copy();
        var splitter = new FieldSplitter(_options);
        int sourceColumns = 0;
        var header = new List<ReadOnlyMemory<char>>();
        if (dataSample is { Count: > 0 })
        {
            using var lines = TextLines.Read(dataSample, _options, header: text => splitter.Split(text, (_, name) => header.Add(name)), 0)
                .GetEnumerator();
            for (int i = 0; i < SampleLines && lines.MoveNext(); i++)
                sourceColumns = Math.Max(sourceColumns, splitter.Split(lines.Current.Text, (_, _) => { }));
            sourceColumns = Math.Max(sourceColumns, header.Count);
        }
        Contracts.CheckUserArg(_options.Columns.Length > 0 || sourceColumns > 0, nameof(Column.Source),
            "Can't determine the number of source columns without valid data");
        _columns = Array.ConvertAll(_options.Columns, c => new TextColumn(c, sourceColumns));
        var builder = new DataViewSchema.Builder();
        foreach (var column in _columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations(header));
        _schema = builder.ToSchema();
    }

    internal static TextLoader CreateTextLoader<TInput>(IHostEnvironment env, Options options, IMultiStreamSource dataSample = null)
    {
        options = (options ?? new Options()).Copy();
        options.Columns = SchemaDefinition.GetMemberInfos(typeof(TInput), SchemaDefinition.Direction.Read).Select(ColumnOf).ToArray();
        Contracts.CheckParam(options.Columns.Length > 0, nameof(TInput),
            $"Should define at least one public, readable field or property in {nameof(TInput)}.");
        return new TextLoader(env, options, dataSample);
    }

    private static Column ColumnOf(MemberInfo member)
    {
        string what = member is FieldInfo ? "Field" : "Property";
        var load = member.GetCustomAttribute<LoadColumnAttribute>();
        Contracts.Check(load != null, $"{what} '{member.Name}' is missing the {nameof(LoadColumnAttribute)} attribute");
        var type = MemberAccess.TypeOf(member);
        var item = type.IsArray ? type.GetElementType() : type;
        return new Column
        {
            Name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name,
            Source = load.Sources.ToArray(),
            KeyCount = member.GetCustomAttribute<KeyTypeAttribute>()?.KeyCount,
            DataKind = DataKinds.OrNull(item) ?? throw Contracts.Except($"{what} {member.Name} is of unsupported type."),
        };
    }

    public DataViewSchema GetOutputSchema() => _schema;

    public IDataView Load(IMultiStreamSource source)
    {
        Contracts.CheckValue(source, nameof(source));
        return new View(this, source);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("This subset does not save loaders.");

    private sealed class View(TextLoader loader, IMultiStreamSource source) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => loader._schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
            new Cursor(loader, source, ActiveColumns.Of(columnsNeeded, Schema));

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    /// <summary>Parses the active columns of some rows ahead, so what cannot be parsed shows before those rows do.</summary>
    private sealed class Cursor : RootCursorBase
    {
        private const int Ahead = 64;
        private readonly TextLoader _loader;
        private readonly bool[] _active;
        private readonly FieldSplitter _splitter;
        private readonly IEnumerator<(string Text, long Number)> _lines;
        private readonly ColumnParser[] _parsers;
        private readonly ColumnParser[] _activeParsers;
        private int _at, _count;

        public Cursor(TextLoader loader, IMultiStreamSource source, bool[] active)
        {
            _loader = loader;
            _active = active;
            _splitter = new FieldSplitter(loader._options);
            _lines = TextLines.Read(source, loader._options, _ => { }, loader._options.MaxRows).GetEnumerator();
            _parsers = loader._columns.Select((c, i) => active[i] ? c.MakeParser(Ahead, loader._options.MissingRealsAsNaNs) : null)
                .ToArray();
            _activeParsers = _parsers.Where(p => p != null).ToArray();
        }

        public override DataViewSchema Schema => _loader._schema;

        protected override bool MoveNextCore()
        {
            if (++_at >= _count)
                Refill();
            return _at < _count;
        }

        private void Refill()
        {
            for (_at = _count = 0; _count < Ahead && _lines.MoveNext(); _count++)
            {
                foreach (var parser in _activeParsers)
                    parser.Start(_count);
                _splitter.Split(_lines.Current.Text, Take);
                foreach (var parser in _activeParsers)
                    parser.Finish();
            }
        }

        private void Take(int index, ReadOnlyMemory<char> field)
        {
            foreach (var parser in _activeParsers)
                if (!field.IsEmpty && !parser.Take(index, field))
                {
                    var inner = Contracts.Except($"Could not parse value {field} in line {_lines.Current.Number}, column {parser.Name}");
                    throw Contracts.ExceptDecode(inner, "Parsing failed with an exception: " + inner.Message);
                }
        }

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Contracts.CheckParam(column.Index < _active.Length, nameof(column));
            return _active[column.Index];
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            ActiveColumns.Checked<TValue>(
                IsColumnActive(column) ? _parsers[column.Index].MakeGetter(() => IsGood ? _at : -1) : null, column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
            id = IsGood ? new DataViewRowId((ulong)Position, 0) : throw ActiveColumns.NotOnARow();

        protected override void Dispose(bool disposing)
        {
            _lines.Dispose();
            base.Dispose(disposing);
        }
    }
}
