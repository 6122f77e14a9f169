using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>The scratch memory and the result of one problem of a <see cref="DualActiveSet"/>; used by one thread at a time.</summary>
internal sealed unsafe class DualActiveSetWorkspace
{
    private readonly PinnedBuffer<double> _storage;
    private readonly PinnedBuffer<int> _indices;

    public DualActiveSetWorkspace(DualActiveSet owner)
    {
        int rows = owner.PaddedRows;
        int n = owner.PaddedDimension;
        int k = owner.PaddedCapacity;
        int columns = owner.HoldsGram ? 0 : (k + 1) * rows;
        _storage = new((4 * rows) + (3 * n) + (6 * k) + (k * k) + columns);
        _indices = new((2 * k) + Math.Max(n, k));
        double* next = _storage.Pointer;
        Residual = Take(ref next, rows);
        Lower = Take(ref next, rows);
        Upper = Take(ref next, rows);
        Zeros = Take(ref next, rows);
        Point = Take(ref next, n);
        Result = Take(ref next, n);
        Direction = Take(ref next, n);
        Multiplier = Take(ref next, k);
        Sign = Take(ref next, k);
        Bound = Take(ref next, k);
        OtherBound = Take(ref next, k);
        Combination = Take(ref next, k);
        Column = Take(ref next, k);
        Inverse = Take(ref next, k * k);
        Columns = Take(ref next, columns);
        Active = _indices.Pointer;
        Slot = Active + k;
        Identity = Slot + k;
        for (int i = 0; i < Math.Max(n, k); i++)
            Identity[i] = i;
        for (int i = 0; i < k; i++)
            Slot[i] = i;
    }

    // The problem.
    public double* Point { get; }
    public double* Lower { get; }
    public double* Upper { get; }

    /// <summary>The projected point.</summary>
    public double* Result { get; }

    /// <summary>Number of rows in <see cref="Active"/>.</summary>
    public int Count { get; set; }

    /// <summary>Rows that hold with equality; they are linearly independent.</summary>
    public int* Active { get; }

    /// <summary>One signed multiplier for each active row: positive at an upper bound.</summary>
    public double* Multiplier { get; }

    public int Iterations { get; set; }

    public double Scale { get; set; }

    public int Worst { get; set; }

    public double Violation { get; set; }

    /// <summary>Row of the smallest infeasible subset found; its partners are the active rows.</summary>
    public int InfeasibleRow { get; set; }

    /// <summary>Set where rows are so nearly dependent that the inverse cannot tell.</summary>
    internal bool IsDelicate { get; set; }

    /// <summary>Whether the active rows are held as an orthonormal basis instead of an inverse.</summary>
    internal bool Careful { get; set; }

    /// <summary>Orthonormal rows that span the active rows; there once it was needed.</summary>
    internal PinnedBuffer<double>? Basis { get; set; }

    internal double* Residual { get; }
    internal double* Zeros { get; }
    internal double* Direction { get; }

    /// <summary>+1 at the upper bound, −1 at the lower, 0 where both are equal (so the multiplier is free).</summary>
    internal double* Sign { get; }

    internal double* Bound { get; }
    internal double* OtherBound { get; }
    internal double* Combination { get; }
    internal double* Column { get; }
    internal double* Inverse { get; }
    internal double* Columns { get; }

    /// <summary>Where the Gram column of an active row is kept: a row of the Gram matrix, or of <see cref="Columns"/>.</summary>
    internal int* Slot { get; }

    
    internal int* Identity { get; }

    private static double* Take(ref double* next, int length)
    {
        double* start = next;
        next += length;
        return start;
    }
}
