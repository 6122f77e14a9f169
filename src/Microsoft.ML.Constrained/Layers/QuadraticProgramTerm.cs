using System;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Where one of the six parameters of a <see cref="QuadraticProgramLayer"/> comes from.</summary>
/// <remarks>
/// Tensors are copied when the layer is made. A matrix is rows × columns for all problems or batch × rows × columns, a vector is
/// length or batch × length; a leading size of 1 counts as shared.
/// </remarks>
public sealed class QuadraticProgramTerm
{
    private QuadraticProgramTerm(TermKind kind, Tensor? value = null, double epsilon = 0)
    {
        Kind = kind;
        Value = value;
        Epsilon = epsilon;
    }

    internal enum TermKind
    {
        Zero,
        Input,
        Fixed,
        Learnable,
        Factor,
        Feasible,
    }

    /// <summary>Zero: of Q a linear program, of p, h and b zeros.</summary>
    public static QuadraticProgramTerm Zero { get; } = new(TermKind.Zero);

    /// <summary>An input of <c>forward</c>.</summary>
    public static QuadraticProgramTerm Input { get; } = new(TermKind.Input);

    /// <summary>
    /// Of h: G·z₀ + s₀ with s₀ &gt; 0. Of b: A·z₀. With both so, z₀ is feasible whatever is learned. See
    /// <see cref="QuadraticProgramLayerOptions.FeasiblePoint"/> and <see cref="QuadraticProgramLayerOptions.Slack"/>.
    /// </summary>
    public static QuadraticProgramTerm Feasible { get; } = new(TermKind.Feasible);

    internal TermKind Kind { get; }

    internal Tensor? Value { get; }

    internal double Epsilon { get; }

    /// <summary>A constant, kept as a buffer of the layer.</summary>
    /// <param name="value">The value, float32 or float64.</param>
    /// <returns>The term.</returns>
    public static QuadraticProgramTerm Fixed(Tensor value) => new(TermKind.Fixed, NotNull(value));

    /// <summary>A learned parameter of the layer.</summary>
    /// <param name="initial">Its first value, float32 or float64.</param>
    /// <returns>The term.</returns>
    public static QuadraticProgramTerm Learnable(Tensor initial) => new(TermKind.Learnable, NotNull(initial));

    /// <summary>Of Q: LLᵀ + εI with a learned L, of which only the lower triangle counts; positive definite whatever is learned.</summary>
    /// <param name="initial">The first value of L, n × n.</param>
    /// <param name="epsilon">ε, positive; 1e-4 in the paper.</param>
    /// <returns>The term.</returns>
    /// <exception cref="ArgumentOutOfRangeException">ε is not positive.</exception>
    public static QuadraticProgramTerm Factor(Tensor initial, double epsilon = 1e-4)
    {
        if (!(epsilon > 0) || double.IsInfinity(epsilon))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "'epsilon' must be positive, so that Q = LLᵀ + epsilon·I is positive definite.");
        return new(TermKind.Factor, NotNull(initial), epsilon);
    }

    internal QuadraticProgramTerm WithoutValue() => new(Kind, null, Epsilon);

    private static Tensor NotNull(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value;
    }
}
