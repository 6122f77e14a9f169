using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>What one step of one parameter works with.</summary>
internal sealed record WeightStep(
    Tensor Weight,
    Tensor Gradient,
    ConstrainedLangevin.State State,
    WeightConstraint Constraint,
    StepScales Scales,
    NormalNoise Noise,
    LangevinDiagnostics Diagnostics,
    int Threads,
    bool Managed)
{
    /// <summary>Whether weights were found off their circles, changed since the last step, and got new slacks.</summary>
    public bool Renewed { get; set; }

    public bool Noisy => Scales.Noise > 0;

    /// <summary>Normal numbers in the shape of the weights.</summary>
    public Tensor Normals() => RawTensor.Normals(Noise, Weight);

    /// <summary>The gradient with that of the weight decay.</summary>
    public Tensor Force() => Scales.WeightDecay == 0 ? Gradient : Gradient.add(Weight, Scales.WeightDecay);
}
