using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Orthonormal directions that grow one by one: Gram and Schmidt's method, each direction cleaned twice, which is enough (Kahan).</summary>
internal sealed class OrthonormalBasis(int dimension)
{
    /// <summary>A direction of unit length that leaves less than this is taken to depend on the ones before.</summary>
    public const double Dependent = 1e-9;

    private readonly List<double[]> _directions = [];

    public IReadOnlyList<double[]> Directions => _directions;

    public int Count => _directions.Count;

    /// <summary>Takes the part of <paramref name="vector"/> in the span away, in place; returns the length of what is left.</summary>
    public double Remove(Span<double> vector)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (double[] direction in _directions)
            {
                double dot = Dot(direction, vector);
                for (int i = 0; i < vector.Length; i++)
                    vector[i] -= dot * direction[i];
            }
        }

        return Math.Sqrt(Dot(vector, vector));
    }

    /// <summary>Adds the direction of a vector of about unit length unless the ones before leave at most <paramref name="least"/> of it.</summary>
    public bool TryAdd(ReadOnlySpan<double> vector, double least = Dependent)
    {
        if (Count == dimension)
            return false;
        double[] candidate = vector.ToArray();
        if (!(Remove(candidate) > least))
            return false;

        // What was left may be small, and then what rounding put along the others is not.
        FloatingArithmetic.Normalize(candidate);
        Remove(candidate);
        _directions.Add(FloatingArithmetic.Normalize(candidate));
        return true;
    }

    /// <summary>An orthonormal basis of all that is at right angles to the directions.</summary>
    public List<double[]> Complement()
    {
        var all = new OrthonormalBasis(dimension);
        all._directions.AddRange(_directions);
        int own = Count;

        // The unit vector that is least in the span so far leaves at least √((n − k) / n) of itself.
        var share = new double[dimension];
        foreach (double[] direction in _directions)
            Accumulate(share, direction);
        while (all.Count < dimension)
        {
            int best = 0;
            for (int i = 1; i < dimension; i++)
            {
                if (share[i] < share[best])
                    best = i;
            }

            var unit = new double[dimension];
            unit[best] = 1;
            share[best] = double.PositiveInfinity;
            if (all.TryAdd(unit))
                Accumulate(share, all._directions[^1]);
        }

        return all._directions[own..];
    }

    private static void Accumulate(double[] share, double[] direction)
    {
        for (int i = 0; i < share.Length; i++)
            share[i] += direction[i] * direction[i];
    }

    internal static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }
}
