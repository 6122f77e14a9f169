using System;
using System.Linq;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What turns a network's outputs, of about size 1, into coefficients of a parameterisation.</summary>
internal static class CoefficientScaling
{
    private const int Sweeps = 100;

    /// <summary>Where a ray's coefficient starts at least, in its own unit: near 0 the network would have to learn an absolute value.</summary>
    private const double Start = 0.5;

    /// <summary>
    /// A change of 1 moves the score by about a standard deviation of the label, and outputs of 0 give a point near the labels' mean.
    /// The weights of vertices have no unit.
    /// </summary>
    /// <param name="parameterization">The map of coefficients to scores.</param>
    /// <param name="label">The label's standard deviations and means.</param>
    /// <exception cref="InvalidOperationException">The set is a single point, which has no coefficients.</exception>
    public static Scaling Create(PolyhedralParameterization parameterization, Scaling label)
    {
        int count = parameterization.ActivationCount, n = parameterization.Dimension;
        if (count == 0)
        {
            throw new InvalidOperationException(
                $"The constraints leave a single point, which takes no parameters: there is nothing to learn. Use {nameof(OutputConstraint)}.{nameof(OutputConstraint.Projection)} or loosen them.");
        }

        double[] generators = parameterization.Generators();
        for (int i = 0; i < generators.Length; i++)
            generators[i] /= label.Factor[i % n];
        double[] lengths = new double[count];
        for (int i = 0; i < count; i++)
            lengths[i] = Math.Sqrt(Product(generators, i, generators.AsSpan(i * n, n)));
        double[] coefficients = Coefficients(parameterization, generators, lengths, Rest(parameterization, generators, label));
        float[] factor = new float[count], shift = new float[count];
        for (int i = 0; i < count; i++)
        {
            GeneratorKind kind = parameterization.Activations[i].Kind;
            factor[i] = kind == GeneratorKind.Vertex ? 1 : (float)(1 / lengths[i]);
            shift[i] = kind == GeneratorKind.Ray ? (float)Math.Max(coefficients[i], Start / lengths[i]) : (float)coefficients[i];
        }

        return new Scaling(factor, shift);
    }

    /// <summary>What rays and lines have to add to the middle of the vertices to reach the labels' mean, in standard deviations.</summary>
    private static double[] Rest(PolyhedralParameterization parameterization, double[] generators, Scaling label)
    {
        int n = parameterization.Dimension;
        double[] rest = parameterization.Offset();
        for (int j = 0; j < n; j++)
            rest[j] = (label.Shift[j] - rest[j]) / label.Factor[j];
        ILookup<int, int> groups = Enumerable.Range(0, parameterization.ActivationCount)
            .Where(i => parameterization.Activations[i].Kind == GeneratorKind.Vertex)
            .ToLookup(i => parameterization.Activations[i].Group);
        foreach (IGrouping<int, int> group in groups)
        {
            int vertices = group.Count();
            foreach (int i in group)
                AddTo(rest, generators, i, -1.0 / vertices);
        }

        return rest;
    }

    /// <summary>Least squares with non-negative coefficients of rays, one coefficient after the other.</summary>
    private static double[] Coefficients(PolyhedralParameterization parameterization, double[] generators, double[] lengths, double[] rest)
    {
        double[] coefficients = new double[lengths.Length];
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            for (int i = 0; i < coefficients.Length; i++)
            {
                GeneratorKind kind = parameterization.Activations[i].Kind;
                if (kind == GeneratorKind.Vertex)
                    continue;
                double next = coefficients[i] + (Product(generators, i, rest) / (lengths[i] * lengths[i]));
                if (kind == GeneratorKind.Ray)
                    next = Math.Max(0, next);
                AddTo(rest, generators, i, coefficients[i] - next);
                coefficients[i] = next;
            }
        }

        return coefficients;
    }

    private static double Product(double[] generators, int row, ReadOnlySpan<double> vector)
    {
        double sum = 0;
        for (int j = 0; j < vector.Length; j++)
            sum += generators[(row * vector.Length) + j] * vector[j];
        return sum;
    }

    private static void AddTo(double[] vector, double[] generators, int row, double factor)
    {
        for (int j = 0; j < vector.Length; j++)
            vector[j] += factor * generators[(row * vector.Length) + j];
    }
}
