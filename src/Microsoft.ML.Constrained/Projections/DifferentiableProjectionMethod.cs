namespace Microsoft.ML.Constrained;

/// <summary>How a <c>DifferentiableProjectionLayer</c> moves rows.</summary>
public enum DifferentiableProjectionMethod
{
    /// <summary><see cref="OneStep"/> where the rows of the constraints are independent, otherwise <see cref="Dykstra"/>.</summary>
    Auto = 0,

    /// <summary>y − A⁺ relu(Ay − b): feasible after one step. For rows that are independent of each other.</summary>
    OneStep = 1,

    /// <summary>
    /// y − s Aᵀ relu(Ay − b), again and again, all rows at once: the cheapest sweep. Tends to a point of the set, not to the nearest one.
    /// </summary>
    Simultaneous = 2,

    /// <summary>
    /// Dykstra's method: rows that are at right angles to each other at once, such groups in turn, each with a correction that is
    /// carried to the next sweep. Tends to the nearest point of the set.
    /// </summary>
    Dykstra = 3,
}
