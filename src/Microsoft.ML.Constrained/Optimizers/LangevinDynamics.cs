namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>Which equation of motion <see cref="ConstrainedLangevin"/> discretises.</summary>
public enum LangevinDynamics : byte
{
    /// <summary>dq = p dt, dp = (−∇V − γp) dt + √(2γτ) dW on the constraint: gradient descent with momentum where τ = 0.</summary>
    Underdamped = 0,

    /// <summary>dq = −∇V dt + √(2τ) dW on the constraint: gradient descent where τ = 0.</summary>
    Overdamped = 1,
}
