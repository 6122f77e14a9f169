using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// The parameters of a batch of quadratic programs that <see cref="QuadraticProgramLayer"/> takes as inputs; those that are not
/// declared as inputs stay null.
/// </summary>
public sealed class QuadraticProgramTensors
{
    /// <summary>n × n, or batch × n × n.</summary>
    public Tensor? Q { get; init; }

    /// <summary>n, or batch × n.</summary>
    public Tensor? P { get; init; }

    /// <summary>m × n, or batch × m × n.</summary>
    public Tensor? G { get; init; }

    /// <summary>m, or batch × m.</summary>
    public Tensor? H { get; init; }

    /// <summary>Equalities × n, or batch × equalities × n.</summary>
    public Tensor? A { get; init; }

    /// <summary>Equalities, or batch × equalities.</summary>
    public Tensor? B { get; init; }

    internal Tensor? this[int index] => index switch
    {
        0 => Q,
        1 => P,
        2 => G,
        3 => H,
        4 => A,
        _ => B,
    };
}
