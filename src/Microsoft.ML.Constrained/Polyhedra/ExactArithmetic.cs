using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Integer vectors without common divisor.</summary>
internal readonly struct ExactArithmetic : IConeArithmetic<BigInteger>
{
    public static BigInteger Dot(BigInteger[] row, BigInteger[] vector)
    {
        BigInteger sum = BigInteger.Zero;
        for (int i = 0; i < row.Length; i++)
        {
            if (!row[i].IsZero && !vector[i].IsZero)
                sum += row[i] * vector[i];
        }

        return sum;
    }

    public static int Sign(BigInteger value) => value.Sign;

    /// <summary>Nothing is lost either way: small numbers stay small.</summary>
    public static bool IsBetterPivot(BigInteger candidate, BigInteger current) => BigInteger.Abs(candidate) < BigInteger.Abs(current);

    public static BigInteger[] Combine(BigInteger u, BigInteger[] x, BigInteger v, BigInteger[] y)
    {
        var result = new BigInteger[x.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = u * x[i] - v * y[i];
        return Primitive(result);
    }

    public static BigInteger[] Unit(int dimension, int index)
    {
        var result = new BigInteger[dimension];
        result[index] = BigInteger.One;
        return result;
    }

    public static BigInteger[] Negate(BigInteger[] vector) => Array.ConvertAll(vector, BigInteger.Negate);

    /// <summary>Divides by the greatest common divisor.</summary>
    public static BigInteger[] Primitive(BigInteger[] vector)
    {
        BigInteger divisor = BigInteger.Zero;
        foreach (BigInteger value in vector)
        {
            divisor = BigInteger.GreatestCommonDivisor(divisor, value);
            if (divisor.IsOne)
                return vector;
        }

        if (!divisor.IsZero)
        {
            for (int i = 0; i < vector.Length; i++)
                vector[i] /= divisor;
        }

        return vector;
    }

    /// <summary>An integer vector in the direction of a vector of finite doubles, which are all multiples of a power of two.</summary>
    public static BigInteger[] FromDoubles(ReadOnlySpan<double> vector) => Primitive(Scaled(vector));

    /// <summary>The integers vector / 2^<see cref="LowestExponent"/>.</summary>
    public static BigInteger[] Scaled(ReadOnlySpan<double> vector)
    {
        int lowest = LowestExponent(vector);
        var result = new BigInteger[vector.Length];
        for (int i = 0; i < result.Length; i++)
        {
            if (vector[i] == 0)
                continue;
            int exponent = Exponent(vector[i]);
            var mantissa = (long)Math.ScaleB(vector[i], -exponent);
            result[i] = new BigInteger(mantissa) << (exponent - lowest);
        }

        return result;
    }

    /// <summary>An exponent e such that all values are integer multiples of 2^e; 0 for a zero vector.</summary>
    public static int LowestExponent(ReadOnlySpan<double> vector)
    {
        int lowest = int.MaxValue;
        foreach (double value in vector)
        {
            if (value != 0)
                lowest = Math.Min(lowest, Exponent(value));
        }

        return lowest == int.MaxValue ? 0 : lowest;
    }

    /// <summary>numerator / denominator, rounded to a double, whatever the sizes of the integers.</summary>
    public static double Ratio(BigInteger numerator, BigInteger denominator)
    {
        // 64 bits of quotient are enough for a rounding error of half a unit and a little.
        long shift = 64 - (numerator.GetBitLength() - denominator.GetBitLength());
        if (Math.Abs(shift) > int.MaxValue / 2)
            return (double)numerator / (double)denominator;
        BigInteger quotient = shift >= 0 ? (numerator << (int)shift) / denominator : numerator / (denominator << (int)-shift);
        return Math.ScaleB((double)quotient, (int)-shift);
    }

    private static int Exponent(double value) => Math.Max(Math.ILogB(value), -1022) - 52;
}
