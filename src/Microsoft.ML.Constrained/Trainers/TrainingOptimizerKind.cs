namespace Microsoft.ML.Constrained;

/// <summary>The rule by which a trainer changes weights.</summary>
public enum TrainingOptimizerKind
{
    /// <summary>Adam; weight decay is added to the gradient.</summary>
    Adam = 0,

    /// <summary>Adam with weight decay apart from the gradient.</summary>
    AdamW = 1,

    /// <summary>Stochastic gradient descent, with <see cref="NetworkTrainerOptions.Momentum"/>.</summary>
    Sgd = 2,

    /// <summary>
    /// Constrained Langevin dynamics, with <see cref="NetworkTrainerOptions.WeightConstraint"/>, <see cref="NetworkTrainerOptions.Temperature"/>
    /// and <see cref="NetworkTrainerOptions.Friction"/>; the learning rate is its step size, for which 0.1 to 0.3 is a good start.
    /// </summary>
    ConstrainedLangevin = 3,
}
