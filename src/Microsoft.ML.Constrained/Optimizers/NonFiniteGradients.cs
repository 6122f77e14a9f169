namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>What a step does when a gradient holds a NaN or an infinity. Either way nothing has changed by then.</summary>
public enum NonFiniteGradients : byte
{
    /// <summary>Throws, naming the parameter.</summary>
    Throw = 0,

    /// <summary>Leaves all parameters and momenta as they are and counts it in <see cref="LangevinDiagnostics.SkippedSteps"/>.</summary>
    SkipStep = 1,
}
