using System;
using Microsoft.ML.Data;

namespace Microsoft.ML.Internal.Utilities;

/// <summary>What counts as a missing value: NaN of the floating types, 0 of a key.</summary>
internal static class MissingValues
{
    /// <summary>The test for the item type; null where the type has no missing value.</summary>
    public static Func<T, bool> TestOrNull<T>(DataViewType itemType)
    {
        if (itemType is KeyDataViewType)
            return value => Convert.ToUInt64(value) == 0;
        if (typeof(T) == typeof(float))
            return (Func<T, bool>)(object)(Func<float, bool>)float.IsNaN;
        if (typeof(T) == typeof(double))
            return (Func<T, bool>)(object)(Func<double, bool>)double.IsNaN;
        return null;
    }

    public static Func<T, bool> Test<T>(DataViewType itemType) => TestOrNull<T>(itemType) ?? (_ => false);

    /// <summary>The type's missing value, or its default where it has none.</summary>
    public static T ValueOrDefault<T>(DataViewType itemType)
    {
        if (itemType is not KeyDataViewType && typeof(T) == typeof(float))
            return (T)(object)float.NaN;
        if (itemType is not KeyDataViewType && typeof(T) == typeof(double))
            return (T)(object)double.NaN;
        return default;
    }
}
