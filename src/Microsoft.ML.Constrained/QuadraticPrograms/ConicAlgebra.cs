using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>The few dense row-major kernels that <see cref="ConicSolver"/> needs, on whatever vector width there is.</summary>
internal static class ConicAlgebra
{
    /// <summary>xᵀy.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ref double px = ref MemoryMarshal.GetReference(x);
        ref double py = ref MemoryMarshal.GetReference(y);
        int length = Math.Min(x.Length, y.Length), i = 0, width = Vector<double>.Count;
        double sum = 0;
        if (length >= width)
        {
            Vector<double> first = Vector<double>.Zero, second = Vector<double>.Zero;
            for (; i <= length - 2 * width; i += 2 * width)
            {
                first = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref px, (nuint)i), Vector.LoadUnsafe(ref py, (nuint)i), first);
                second = Vector.FusedMultiplyAdd(
                    Vector.LoadUnsafe(ref px, (nuint)(i + width)), Vector.LoadUnsafe(ref py, (nuint)(i + width)), second);
            }

            for (; i <= length - width; i += width)
                first = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref px, (nuint)i), Vector.LoadUnsafe(ref py, (nuint)i), first);
            sum = Vector.Sum(first + second);
        }

        for (; i < length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    /// <summary>y += α x.</summary>
    public static void AddScaled(double alpha, ReadOnlySpan<double> x, Span<double> y)
    {
        ref double px = ref MemoryMarshal.GetReference(x);
        ref double py = ref MemoryMarshal.GetReference(y);
        int length = Math.Min(x.Length, y.Length), i = 0, width = Vector<double>.Count;
        var factor = new Vector<double>(alpha);
        for (; i <= length - width; i += width)
        {
            Vector.FusedMultiplyAdd(factor, Vector.LoadUnsafe(ref px, (nuint)i), Vector.LoadUnsafe(ref py, (nuint)i))
                .StoreUnsafe(ref py, (nuint)i);
        }

        for (; i < length; i++)
            y[i] += alpha * x[i];
    }

    /// <summary>x *= α.</summary>
    public static void Scale(double alpha, Span<double> x)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] *= alpha;
    }

    /// <summary>Largest absolute value; 0 for an empty span.</summary>
    public static double MaxAbs(ReadOnlySpan<double> x)
    {
        double largest = 0;
        foreach (double value in x)
            largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }

    /// <summary>Whether no element is a NaN or an infinity.</summary>
    public static bool AllFinite(ReadOnlySpan<double> x)
    {
        foreach (double value in x)
        {
            if (!double.IsFinite(value))
                return false;
        }

        return true;
    }

    /// <summary>result = M x for a row-major M with as many rows as the result.</summary>
    public static void Multiply(ReadOnlySpan<double> matrix, ReadOnlySpan<double> x, Span<double> result)
    {
        int columns = x.Length;
        for (int i = 0; i < result.Length; i++)
            result[i] = Dot(matrix.Slice(i * columns, columns), x);
    }

    /// <summary>result += Mᵀ y for a row-major M with as many rows as y.</summary>
    public static void AddTransposed(ReadOnlySpan<double> matrix, ReadOnlySpan<double> y, Span<double> result)
    {
        int columns = result.Length;
        for (int i = 0; i < y.Length; i++)
        {
            if (y[i] != 0)
                AddScaled(y[i], matrix.Slice(i * columns, columns), result);
        }
    }

    /// <summary>Lower triangle of H += MᵀM for a row-major M with the given numbers of rows and columns.</summary>
    public static void AddGram(ReadOnlySpan<double> matrix, int rows, int columns, Span<double> h)
    {
        int k = 0;
        for (; k + 4 <= rows; k += 4)
        {
            AddGramOfFour(matrix.Slice(k * columns, columns), matrix.Slice((k + 1) * columns, columns),
                matrix.Slice((k + 2) * columns, columns), matrix.Slice((k + 3) * columns, columns), columns, h);
        }

        for (; k < rows; k++)
        {
            ReadOnlySpan<double> row = matrix.Slice(k * columns, columns);
            for (int i = 0; i < columns; i++)
            {
                if (row[i] != 0)
                    AddScaled(row[i], row[..(i + 1)], h.Slice(i * columns, i + 1));
            }
        }
    }

    /// <summary>Four rank-one updates in one pass over the target, which halves the memory traffic of the plain loop.</summary>
    private static void AddGramOfFour(
        ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> c, ReadOnlySpan<double> d, int columns, Span<double> h)
    {
        int width = Vector<double>.Count;
        ref double pa = ref MemoryMarshal.GetReference(a);
        ref double pb = ref MemoryMarshal.GetReference(b);
        ref double pc = ref MemoryMarshal.GetReference(c);
        ref double pd = ref MemoryMarshal.GetReference(d);
        for (int i = 0; i < columns; i++)
        {
            double fa = a[i], fb = b[i], fc = c[i], fd = d[i];
            if (fa == 0 && fb == 0 && fc == 0 && fd == 0)
                continue;
            Span<double> target = h.Slice(i * columns, i + 1);
            ref double pt = ref MemoryMarshal.GetReference(target);
            Vector<double> va = new(fa), vb = new(fb), vc = new(fc), vd = new(fd);
            int j = 0;
            for (; j <= i + 1 - width; j += width)
            {
                Vector<double> value = Vector.LoadUnsafe(ref pt, (nuint)j);
                value = Vector.FusedMultiplyAdd(va, Vector.LoadUnsafe(ref pa, (nuint)j), value);
                value = Vector.FusedMultiplyAdd(vb, Vector.LoadUnsafe(ref pb, (nuint)j), value);
                value = Vector.FusedMultiplyAdd(vc, Vector.LoadUnsafe(ref pc, (nuint)j), value);
                value = Vector.FusedMultiplyAdd(vd, Vector.LoadUnsafe(ref pd, (nuint)j), value);
                value.StoreUnsafe(ref pt, (nuint)j);
            }

            for (; j <= i; j++)
                target[j] += fa * a[j] + fb * b[j] + fc * c[j] + fd * d[j];
        }
    }

    /// <summary>
    /// H = LLᵀ in place, lower triangle. A pivot that rounding has eaten up is replaced by a huge one, which leaves its direction
    /// out of the solve instead of spoiling the others; iterative refinement brings back what can be brought back.
    /// </summary>
    /// <returns>Whether every pivot was a number.</returns>
    public static bool Cholesky(Span<double> h, int n)
    {
        for (int i = 0; i < n; i++)
        {
            Span<double> row = h.Slice(i * n, i + 1);
            for (int j = 0; j < i; j++)
            {
                ReadOnlySpan<double> other = h.Slice(j * n, j + 1);
                row[j] = (row[j] - Dot(row[..j], other[..j])) / other[j];
            }

            double diagonal = row[i];
            double pivot = diagonal - Dot(row[..i], row[..i]);
            if (!double.IsFinite(pivot))
                return false;
            row[i] = pivot > 1e-15 * diagonal && pivot > 0 ? Math.Sqrt(pivot) : 1e64;
        }

        return true;
    }

    /// <summary>x = L⁻¹x.</summary>
    public static void SolveLower(ReadOnlySpan<double> lower, Span<double> x)
    {
        int n = x.Length;
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<double> row = lower.Slice(i * n, i + 1);
            x[i] = (x[i] - Dot(row[..i], x[..i])) / row[i];
        }
    }

    /// <summary>x = L⁻ᵀx.</summary>
    public static void SolveLowerTransposed(ReadOnlySpan<double> lower, Span<double> x)
    {
        int n = x.Length;
        for (int i = n - 1; i >= 0; i--)
        {
            ReadOnlySpan<double> row = lower.Slice(i * n, i + 1);
            double value = x[i] / row[i];
            x[i] = value;
            AddScaled(-value, row[..i], x[..i]);
        }
    }
}
