using System;

namespace Microsoft.ML.SearchSpace;

/// <summary>A number to search for, between two limits; <see cref="Init"/> is where a search may start.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field, Inherited = false, AllowMultiple = false)]
public sealed class RangeAttribute : Attribute
{
    public RangeAttribute(double min, double max, bool logBase = false) => (Min, Max, LogBase) = (min, max, logBase);

    public RangeAttribute(double min, double max, double init, bool logBase = false) => (Min, Max, Init, LogBase) = (min, max, init, logBase);

    public RangeAttribute(int min, int max, bool logBase = false) => (Min, Max, LogBase) = (min, max, logBase);

    public RangeAttribute(int min, int max, int init, bool logBase = false) => (Min, Max, Init, LogBase) = (min, max, init, logBase);

    public RangeAttribute(float min, float max, bool logBase = false) => (Min, Max, LogBase) = (min, max, logBase);

    public RangeAttribute(float min, float max, float init, bool logBase = false) => (Min, Max, Init, LogBase) = (min, max, init, logBase);

    public object Min { get; }

    public object Max { get; }

    public object Init { get; }

    public bool LogBase { get; }
}
