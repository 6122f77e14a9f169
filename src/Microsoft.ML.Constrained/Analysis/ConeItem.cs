namespace Microsoft.ML.Constrained.Analysis;

/// <summary>An L2 ball or second-order cone: <c>s₀(y) ≥ ‖s₁(y)‖</c> with affine s, in the units of <see cref="ScaledSystem"/>.</summary>
internal sealed class ConeItem
{
    /// <summary>The linear parts of s₀, s₁, …, row-major.</summary>
    public required double[] Coefficients { get; init; }

    /// <summary>The constant parts.</summary>
    public required double[] Constants { get; init; }

    /// <summary>Index of the constraint.</summary>
    public required int Owner { get; init; }

    /// <summary>Index of the norm block in the constraint system.</summary>
    public required int Norm { get; init; }

    /// <summary>What the stated block was multiplied by.</summary>
    public double Factor { get; set; } = 1;

    /// <summary>1 + the length of s₁.</summary>
    public int Size => Constants.Length;
}
