namespace Microsoft.ML.Constrained;

/// <summary>What the last step of a cost model does to its values.</summary>
public enum CostActivation : byte
{
    /// <summary><see cref="Softplus"/> where the solver takes no negative costs, <see cref="Linear"/> elsewhere.</summary>
    Auto = 0,

    /// <summary>Nothing: costs of any sign.</summary>
    Linear = 1,

    /// <summary>log(1 + eˣ): costs that are never negative.</summary>
    Softplus = 2,
}
