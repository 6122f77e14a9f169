namespace Microsoft.ML.Constrained.Layers;

/// <summary>How a learned tensor becomes what a layer uses.</summary>
public enum PositiveMap
{
    /// <summary>As it is; of any sign.</summary>
    Identity = 0,

    /// <summary>exp(x): positive.</summary>
    Exp = 1,

    /// <summary>log(1 + exp(x)): positive, and growing no faster than x.</summary>
    Softplus = 2,
}
