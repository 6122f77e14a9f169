using System;
using System.Collections.Generic;
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
        double[] rest = parameterization.Offset();
        for (int j = 0; j < n; j++)
            rest[j] = (label.Shift[j] - rest[j]) / label.Factor[j];
        float[] factor = new float[count], shift = new float[count];
        IEnumerable<IGrouping<int, int>> groups = Enumerable.Range(0, count)
            .Where(i => parameterization.Activations[i].Kind == GeneratorKind.Vertex).GroupBy(i => parameterization.Activations[i].Group);
        foreach (IGrouping<int, int> group in groups)
            AddVertices(generators, [.. group], rest, factor, shift);

        double[] lengths = new double[count];
        for (int i = 0; i < count; i++)
            lengths[i] = Math.Sqrt(Product(generators, i, generators.AsSpan(i * n, n)));
        double[] coefficients = Coefficients(parameterization, generators, lengths, rest);
        for (int i = 0; i < count; i++)
        {
            GeneratorKind kind = parameterization.Activations[i].Kind;
            if (kind == GeneratorKind.Vertex)
                continue;
            factor[i] = (float)(1 / lengths[i]);
            shift[i] = kind == GeneratorKind.Ray ? (float)Math.Max(coefficients[i], Start / lengths[i]) : (float)coefficients[i];
        }

        return new Scaling(factor, shift);
    }

    /// <summary>
    /// Weights of vertices are a softmax: they start at the logarithms of shares that give a point near the labels' mean. In the middle of
    /// a set that is much wider than the labels, all of them would have to be learned from a great distance.
    /// </summary>
    private static void AddVertices(double[] generators, int[] vertices, double[] rest, float[] factor, float[] shift)
    {
        double[] shares = Shares(generators, vertices, rest), centre = new double[rest.Length];
        for (int k = 0; k < vertices.Length; k++)
            AddTo(centre, generators, vertices[k], shares[k]);
        double largest = shares.Max();
        for (int k = 0; k < vertices.Length; k++)
        {
            // A vertex without a share would have no gradient: it gets what moves the score by a part of a standard deviation.
            double distance = Distance(generators, vertices[k], centre), share = Math.Max(shares[k], Start / (vertices.Length * Math.Max(1, distance)));
            factor[vertices[k]] = (float)(1 / Math.Max(1, share * distance));

            // Only differences matter: those near 0 have the most digits.
            shift[vertices[k]] = (float)Math.Log(share / largest);
        }

        for (int j = 0; j < rest.Length; j++)
            rest[j] -= centre[j];
    }

    /// <summary>
    /// Shares of vertices whose mean is near <paramref name="target"/>: the nearer a vertex the more at first; then share is moved, again
    /// and again, from the vertex that is farthest in the wrong direction to the one that is farthest in the right one.
    /// </summary>
    private static double[] Shares(double[] generators, int[] vertices, double[] target)
    {
        double[] shares = [.. vertices.Select(i => Math.Pow(Math.Max(1, Distance(generators, i, target)), -2))];
        double sum = shares.Sum();
        double[] rest = (double[])target.Clone();
        for (int k = 0; k < shares.Length; k++)
        {
            shares[k] /= sum;
            AddTo(rest, generators, vertices[k], -shares[k]);
        }

        double[] along = new double[shares.Length], step = new double[rest.Length];
        for (int sweep = 0; sweep < Sweeps; sweep++)
        {
            int to = 0, from = -1;
            for (int k = 0; k < along.Length; k++)
            {
                along[k] = Product(generators, vertices[k], rest);
                if (along[k] > along[to])
                    to = k;
                if (shares[k] > 0 && (from < 0 || along[k] < along[from]))
                    from = k;
            }

            Array.Clear(step);
            AddTo(step, generators, vertices[to], 1);
            AddTo(step, generators, vertices[from], -1);
            double gain = along[to] - along[from], squared = step.Sum(s => s * s);
            if (!(gain > 0) || squared == 0)
                break;
            double moved = Math.Min(gain / squared, shares[from]);
            shares[to] += moved;
            shares[from] -= moved;
            for (int j = 0; j < rest.Length; j++)
                rest[j] -= moved * step[j];
        }

        return shares;
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

    private static double Distance(double[] generators, int row, double[] point)
    {
        double sum = 0;
        for (int j = 0; j < point.Length; j++)
            sum += Math.Pow(generators[(row * point.Length) + j] - point[j], 2);
        return Math.Sqrt(sum);
    }

    private static void AddTo(double[] vector, double[] generators, int row, double factor)
    {
        for (int j = 0; j < vector.Length; j++)
            vector[j] += factor * generators[(row * vector.Length) + j];
    }
}
