using System;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Vectors of unit length; what is below the tolerance counts as zero.</summary>
internal readonly struct FloatingArithmetic : IConeArithmetic<double>
{
    public const double Tolerance = 1e-9;

    public static double Dot(double[] row, double[] vector)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
            sum += row[i] * vector[i];
        return sum;
    }

    public static int Sign(double value) => value > Tolerance ? 1 : value < -Tolerance ? -1 : 0;

    public static bool IsBetterPivot(double candidate, double current) => Math.Abs(candidate) > Math.Abs(current);

    public static double[] Combine(double u, double[] x, double v, double[] y)
    {
        var result = new double[x.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = u * x[i] - v * y[i];
        return Normalize(result);
    }

    public static double[] Unit(int dimension, int index)
    {
        var result = new double[dimension];
        result[index] = 1;
        return result;
    }

    public static double[] Negate(double[] vector) => Array.ConvertAll(vector, v => -v);

    public static double[] Normalize(double[] vector)
    {
        double largest = 0;
        foreach (double value in vector)
            largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0)
            return vector;
        double sum = 0;
        foreach (double value in vector)
            sum += value / largest * (value / largest);
        double length = largest * Math.Sqrt(sum);
        for (int i = 0; i < vector.Length; i++)
            vector[i] /= length;
        return vector;
    }
}
