namespace Microsoft.ML.Constrained.Analysis;

/// <summary>One side of a row, <c>aᵀy ≤ b</c>, or an equality <c>aᵀy = b</c>, in the units of <see cref="ScaledSystem"/>.</summary>
internal sealed class LinearItem
{
    /// <summary>a, over the variables and the lifted ones.</summary>
    public required double[] Coefficients { get; init; }

    /// <summary>b.</summary>
    public required double Bound { get; set; }

    /// <summary>What the stated row was multiplied by.</summary>
    public double Factor { get; set; } = 1;

    public bool IsEquality { get; init; }

    /// <summary>Index of the constraint.</summary>
    public required int Owner { get; init; }

    /// <summary>Index of the row in the constraint system, or −1 where the item comes from an L1 ball.</summary>
    public int Row { get; init; } = -1;

    /// <summary>Whether it is the row's upper side.</summary>
    public bool IsUpper { get; init; }

    /// <summary>Index of the L1 ball, or −1.</summary>
    public int Norm { get; init; } = -1;

    /// <summary>Whether it is the ball's one row Σu ≤ radius, and not one of the rows ±v ≤ u that lift it.</summary>
    public bool IsNormSum { get; init; }

    public double Slack(double[] y)
    {
        double slack = Bound;
        for (int j = 0; j < y.Length; j++)
            slack -= Coefficients[j] * y[j];
        return slack;
    }
}
