using System;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained;

/// <summary>Settings of a <see cref="PolyhedralParameterization"/>.</summary>
public sealed class PolyhedralSettings
{
    /// <summary>How coefficients of rays are made non-negative; default <see cref="RayActivation.Absolute"/>.</summary>
    public RayActivation RayActivation { get; set; } = RayActivation.Absolute;

    /// <summary>
    /// Half-width r of the box [−r, r]ⁿ that results are scaled into, by dividing a point y by max(1, |y|∞ / r); positive. Null (the
    /// default): no box. The set must hold the origin, so that shrinking a point towards it keeps the constraints.
    /// </summary>
    public double? BoxRadius { get; set; }

    /// <summary>Which form is evaluated; default <see cref="PolyhedralForm.Auto"/>.</summary>
    public PolyhedralForm Form { get; set; } = PolyhedralForm.Auto;

    /// <summary>The numbers that vertices and rays are found in; default <see cref="PolyhedralArithmetic.Auto"/>.</summary>
    public PolyhedralArithmetic Arithmetic { get; set; } = PolyhedralArithmetic.Auto;

    /// <summary>Most generators of one block of variables, at any stage of finding them; default 100,000, at least 1.</summary>
    public int GeneratorLimit { get; set; } = DoubleDescription.DefaultLimit;

    internal void Validate()
    {
        CheckDefined(nameof(RayActivation), RayActivation);
        CheckDefined(nameof(Form), Form);
        CheckDefined(nameof(Arithmetic), Arithmetic);
        if (BoxRadius is { } radius && !(radius > 0 && double.IsFinite(radius)))
            throw new ArgumentOutOfRangeException(nameof(BoxRadius), radius, $"'{nameof(BoxRadius)}' must be positive and finite, or null.");
        if (GeneratorLimit < 1)
            throw new ArgumentOutOfRangeException(nameof(GeneratorLimit), GeneratorLimit, $"'{nameof(GeneratorLimit)}' must be at least 1.");
    }

    private static void CheckDefined<T>(string name, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"'{name}' must be one of {string.Join(", ", Enum.GetNames<T>())}.");
    }
}
