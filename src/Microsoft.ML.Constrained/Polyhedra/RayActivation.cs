namespace Microsoft.ML.Constrained;

/// <summary>How an unconstrained activation becomes the non-negative coefficient of a ray.</summary>
public enum RayActivation : byte
{
    /// <summary>|a|, as in the released method. Its derivative at 0 is taken as 0.</summary>
    Absolute = 0,

    /// <summary>log(1 + eᵃ): smooth and positive, so that the faces of the set are only approached.</summary>
    Softplus = 1,
}
