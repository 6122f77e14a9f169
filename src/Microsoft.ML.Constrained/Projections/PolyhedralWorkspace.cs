namespace Microsoft.ML.Constrained.Projections;

/// <summary>Scratch memory of one thread for a <see cref="PolyhedralProjector"/>.</summary>
internal sealed class PolyhedralWorkspace
{
    public PolyhedralWorkspace(PolyhedralProjector owner)
    {
        PolyhedralReduction reduction = owner.Reduction;
        Core = new(owner.Core);
        Bounds = new(reduction);
        Along = new double[reduction.EqualityCount];
        Scaled = new double[reduction.Dimension];
        int capacity = owner.Core.PaddedCapacity;
        Selected = new int[capacity];
        Factor = new double[capacity * capacity];
        Coefficients = new double[capacity];
    }

    public DualActiveSetWorkspace Core { get; }

    /// <summary>For rows with bounds of their own.</summary>
    public ReducedBounds Bounds { get; }

    /// <summary>Iterations of the last row.</summary>
    public int Iterations => Core.Iterations;

    /// <summary>A row of A that takes part in the contradiction found last, or −1.</summary>
    public int InfeasibleRow { get; internal set; }

    internal double[] Along { get; }

    internal double[] Scaled { get; }

    internal int[] Selected { get; }

    internal double[] Factor { get; }

    internal double[] Coefficients { get; }
}
