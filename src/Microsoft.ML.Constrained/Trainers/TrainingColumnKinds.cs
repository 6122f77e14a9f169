using System;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What a column that a trainer reads may be.</summary>
[Flags]
internal enum TrainingColumnKinds
{
    /// <summary>One <c>Single</c>.</summary>
    Scalar = 1,

    /// <summary>A vector of <c>Single</c> of known size.</summary>
    Vector = 2,

    /// <summary>A key over <c>UInt32</c>; its value k is read as k − 1, a missing one as NaN.</summary>
    Key = 4,
}
