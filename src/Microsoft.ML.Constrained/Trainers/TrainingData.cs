using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>The columns that a trainer needs, read from a view in one pass. Rows with a NaN, an infinity or a missing key are left out.</summary>
internal sealed class TrainingData
{
    private TrainingData(IReadOnlyList<TrainingValues> columns, int rows, long skipped) => (Columns, Rows, SkippedRows) = (columns, rows, skipped);

    /// <summary>In the order asked for.</summary>
    public IReadOnlyList<TrainingValues> Columns { get; }

    /// <summary>Rows that can be used.</summary>
    public int Rows { get; }

    /// <summary>Rows that were left out.</summary>
    public long SkippedRows { get; }

    /// <summary>Reads the columns and warns, in one line, of rows that were left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    /// <exception cref="InvalidOperationException">There is no row to learn from, or there are too many.</exception>
    public static TrainingData Read(IHost host, IDataView view, IReadOnlyList<TrainingColumn> wanted, CancellationToken cancellation)
    {
        DataViewSchema.Column[] columns = [.. wanted.Select(w => Find(view.Schema, w))];
        using IChannel channel = host.Start("Reading");
        using DataViewRowCursor cursor = view.GetRowCursor(columns.DistinctBy(c => c.Index));
        Reader[] readers = [.. columns.Select(c => Reader.Create(cursor, c))];
        long skipped = 0;
        int rows = 0;
        while (cursor.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            bool valid = true;
            foreach (Reader reader in readers)
                valid &= reader.Read();
            if (!valid)
            {
                skipped++;
                continue;
            }

            rows++;
            foreach (Reader reader in readers)
                reader.Keep();
        }

        string names = string.Join(", ", wanted.Select(w => $"'{w.Name}'"));
        if (rows == 0)
        {
            throw new InvalidOperationException(skipped == 0
                ? "There is no row to train on."
                : $"There is no row to train on: each of the {skipped.ToString(CultureInfo.InvariantCulture)} rows has a NaN, an infinity or a missing value in {names}. Replace or impute them.");
        }

        if (skipped > 0)
            channel.Warning(MessageSensitivity.Schema, "{0}", $"{skipped} of {rows + skipped} rows are left out of training: they have a NaN, an infinity or a missing value in {names}.");
        return new TrainingData([.. readers.Select((r, i) => new TrainingValues(columns[i], r.Width, r.IsVector, r.ToArray()))], rows, skipped);
    }

    /// <summary>Checks what a schema promises of a column, in ML.NET's own words.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static SchemaShape.Column Require(SchemaShape shape, TrainingColumn wanted)
    {
        Check.NotNull(shape, nameof(shape));
        SchemaShape.Column column = shape.FirstOrDefault(c => c.Name == wanted.Name);
        if (column.Name != wanted.Name)
            throw new ArgumentOutOfRangeException("inputSchema", $"Could not find {wanted.Role} column '{wanted.Name}'");
        bool vector = column.Kind == SchemaShape.Column.VectorKind.Vector, scalar = column.Kind == SchemaShape.Column.VectorKind.Scalar;
        bool fits = column.IsKey
            ? scalar && wanted.Kinds.HasFlag(TrainingColumnKinds.Key) && column.ItemType == NumberDataViewType.UInt32
            : column.ItemType == NumberDataViewType.Single
                && ((scalar && wanted.Kinds.HasFlag(TrainingColumnKinds.Scalar)) || (vector && wanted.Kinds.HasFlag(TrainingColumnKinds.Vector)));
        if (!fits)
        {
            string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
            throw Mismatch(wanted, scalar ? item : vector ? $"Vector<{item}>" : $"VarVector<{item}>");
        }

        return column;
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, TrainingColumn wanted)
    {
        if (schema.GetColumnOrNull(wanted.Name) is not { } column)
            throw new ArgumentOutOfRangeException("inputSchema", $"Could not find {wanted.Role} column '{wanted.Name}'");
        bool fits = column.Type switch
        {
            KeyDataViewType key => key.RawType == typeof(uint) && wanted.Kinds.HasFlag(TrainingColumnKinds.Key),
            VectorDataViewType vector => vector.IsKnownSize && vector.ItemType == NumberDataViewType.Single && wanted.Kinds.HasFlag(TrainingColumnKinds.Vector),
            _ => column.Type == NumberDataViewType.Single && wanted.Kinds.HasFlag(TrainingColumnKinds.Scalar),
        };
        return fits ? column : throw Mismatch(wanted, column.Type.ToString()!);
    }

    private static ArgumentOutOfRangeException Mismatch(TrainingColumn wanted, string got)
    {
        var expected = new List<string>();
        if (wanted.Kinds.HasFlag(TrainingColumnKinds.Scalar))
            expected.Add("Single");
        if (wanted.Kinds.HasFlag(TrainingColumnKinds.Vector))
            expected.Add("Vector<Single> of known size");
        if (wanted.Kinds.HasFlag(TrainingColumnKinds.Key))
            expected.Add("Key<UInt32>");
        return new ArgumentOutOfRangeException(
            "inputSchema", $"Schema mismatch for {wanted.Role} column '{wanted.Name}': expected {string.Join(" or ", expected)}, got {got}");
    }

    /// <summary>Reads one column's current value and collects those of usable rows.</summary>
    private abstract class Reader(int width, bool isVector)
    {
        private readonly float[] _row = new float[width];
        private float[] _kept = [];
        private int _count;

        public int Width => width;

        public bool IsVector => isVector;

        protected Span<float> Row => _row;

        public static Reader Create(DataViewRow row, DataViewSchema.Column column) => column.Type switch
        {
            KeyDataViewType => new KeyReader(row.GetGetter<uint>(column)),
            VectorDataViewType vector => new VectorReader(row.GetGetter<VBuffer<float>>(column), vector.Size),
            _ => new ScalarReader(row.GetGetter<float>(column)),
        };

        /// <summary>Reads the current value; false where it cannot be used.</summary>
        public bool Read()
        {
            Fill();
            foreach (float value in _row)
            {
                if (!float.IsFinite(value))
                    return false;
            }

            return true;
        }

        public void Keep()
        {
            if (_kept.Length - _count < width)
            {
                long room = Math.Min(Array.MaxLength, Math.Max(1024L * width, 2L * _kept.Length));
                if (room - _count < width)
                    throw new InvalidOperationException($"Training data end at {Array.MaxLength} values a column. Use fewer rows.");
                Array.Resize(ref _kept, (int)room);
            }

            _row.CopyTo(_kept.AsSpan(_count));
            _count += width;
        }

        public float[] ToArray() => _kept.AsSpan(0, _count).ToArray();

        protected abstract void Fill();
    }

    private sealed class ScalarReader(ValueGetter<float> getter) : Reader(1, false)
    {
        protected override void Fill() => getter(ref Row[0]);
    }

    private sealed class KeyReader(ValueGetter<uint> getter) : Reader(1, false)
    {
        protected override void Fill()
        {
            uint key = 0;
            getter(ref key);
            Row[0] = key == 0 ? float.NaN : key - 1;
        }
    }

    private sealed class VectorReader(ValueGetter<VBuffer<float>> getter, int width) : Reader(width, true)
    {
        private VBuffer<float> _buffer;

        protected override void Fill()
        {
            getter(ref _buffer);
            if (_buffer.Length == Width)
                _buffer.CopyTo(Row);
            else
                Row.Fill(float.NaN);
        }
    }
}
