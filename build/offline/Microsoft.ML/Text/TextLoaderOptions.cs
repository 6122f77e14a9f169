using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public enum DataKind : byte
{
    SByte = 1,
    Byte = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Int64 = 7,
    UInt64 = 8,
    Single = 9,
    Double = 10,
    String = 11,
    Boolean = 12,
    TimeSpan = 13,
    DateTime = 14,
    DateTimeOffset = 15,
}

public sealed partial class TextLoader
{
    internal static class Defaults
    {
        public const char Separator = '\t';
    }

    /// <summary>Source columns from <see cref="Min"/> to <see cref="Max"/>; without a maximum, to the end of the data sample.</summary>
    public sealed class Range
    {
        public int Min;
        public int? Max;
        public bool AutoEnd;
        public bool ForceVector;

        public Range() { }

        public Range(int index)
        {
            Contracts.CheckParam(index >= 0, nameof(index), "Must be non-negative");
            Min = index;
            Max = index;
        }

        public Range(int min, int? max)
        {
            Contracts.CheckParam(min >= 0, nameof(min), "Must be non-negative");
            Contracts.CheckParam(!(max < min), nameof(max), "If specified, must be greater than or equal to min");
            Min = min;
            Max = max;
            AutoEnd = max == null;
        }
    }

    public sealed class Column
    {
        public string Name;
        public Range[] Source;
        public KeyCount KeyCount;

        public Column() { }

        public Column(string name, DataKind dataKind, int index) : this(name, dataKind, [new Range(index)]) { }

        public Column(string name, DataKind dataKind, int minIndex, int maxIndex)
            : this(name, dataKind, [new Range(minIndex, maxIndex)]) { }

        public Column(string name, DataKind dataKind, Range[] source, KeyCount keyCount = null)
        {
            Contracts.CheckValue(name, nameof(name));
            Contracts.CheckValue(source, nameof(source));
            (Name, DataKind, Source, KeyCount) = (name, dataKind, source, keyCount);
        }

        public DataKind DataKind { get; set; } = DataKind.Single;
    }

    public class Options
    {
        public bool AllowQuoting;
        public bool AllowSparse;
        public Column[] Columns;
        public char[] Separators = [Defaults.Separator];
        public bool HasHeader;
        public bool TrimWhitespace;
        public bool UseThreads = true;
        public bool MissingRealsAsNaNs;
        public long? MaxRows;

        // Later changes by the caller must not reach a loader.
        internal Options Copy()
        {
            var copy = (Options)MemberwiseClone();
            copy.Columns = Columns?.ToArray() ?? [];
            copy.Separators = Separators.ToArray();
            return copy;
        }
    }
}
