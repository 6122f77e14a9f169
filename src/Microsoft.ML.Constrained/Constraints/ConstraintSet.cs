using System.Collections.Generic;

namespace Microsoft.ML.Constrained;

/// <summary>Named constraints over named variables.</summary>
public sealed partial class ConstraintSet
{
    /// <summary>The names of the row's columns that right-hand sides refer to, in the order of first use.</summary>
    public IReadOnlyList<string> Columns { get; } = [];

    /// <summary>The constraints, in the order in which they were stated.</summary>
    public IReadOnlyList<object> Constraints { get; } = [];
}
