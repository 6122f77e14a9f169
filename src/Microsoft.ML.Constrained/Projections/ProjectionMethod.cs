namespace Microsoft.ML.Constrained;

/// <summary>How a <see cref="Projector"/> finds its points.</summary>
public enum ProjectionMethod : byte
{
    /// <summary>By closed forms: each constraint has one and no two share a variable, or bounds meet linear rows that share none. Exact to rounding.</summary>
    ClosedForm = 1,

    /// <summary>By an active-set method over linear rows. Exact to rounding of well-conditioned rows; 1e-9 by default.</summary>
    Polyhedral = 2,

    /// <summary>By an interior-point method and Newton's method, where balls or cones meet other constraints. 1e-8 of the row's size.</summary>
    Conic = 3,
}
