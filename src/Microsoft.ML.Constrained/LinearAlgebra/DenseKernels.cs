using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>Products with row-major matrices and vectors, in registers of one width.</summary>
internal static unsafe class DenseKernels<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>Σ aᵢbᵢ.</summary>
    public static double Dot(double* a, double* b, int count)
    {
        int w = TLane.Width;
        TVector s0 = default, s1 = default;
        int k = 0;
        for (; k + (2 * w) <= count; k += 2 * w)
        {
            s0 = TLane.MultiplyAdd(TLane.Load(a + k), TLane.Load(b + k), s0);
            s1 = TLane.MultiplyAdd(TLane.Load(a + k + w), TLane.Load(b + k + w), s1);
        }

        for (; k + w <= count; k += w)
            s0 = TLane.MultiplyAdd(TLane.Load(a + k), TLane.Load(b + k), s0);
        double sum = TLane.Sum(TLane.Add(s0, s1));
        for (; k < count; k++)
            sum += a[k] * b[k];
        return sum;
    }

    /// <summary>y += factor·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(double factor, double* x, double* y, int count)
    {
        int w = TLane.Width;
        TVector f = TLane.Broadcast(factor);
        int k = 0;
        for (; k + w <= count; k += w)
            TLane.Store(y + k, TLane.MultiplyAdd(f, TLane.Load(x + k), TLane.Load(y + k)));
        for (; k < count; k++)
            y[k] += factor * x[k];
    }

    /// <summary>target = f·x + g·y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Combine(double f, double* x, double g, double* y, double* target, int count)
    {
        int w = TLane.Width;
        TVector fv = TLane.Broadcast(f), gv = TLane.Broadcast(g);
        int k = 0;
        for (; k + w <= count; k += w)
            TLane.Store(target + k, TLane.MultiplyAdd(fv, TLane.Load(x + k), TLane.Multiply(gv, TLane.Load(y + k))));
        for (; k < count; k++)
            target[k] = (f * x[k]) + (g * y[k]);
    }

    /// <summary>result = A·x, A row-major.</summary>
    public static void Multiply(double* a, int rows, int columns, double* x, double* result)
    {
        int w = TLane.Width;
        int i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            double* a0 = a + ((long)i * columns);
            double* a1 = a0 + columns;
            double* a2 = a1 + columns;
            double* a3 = a2 + columns;
            TVector s0 = default, s1 = default, s2 = default, s3 = default;
            int k = 0;
            for (; k + w <= columns; k += w)
            {
                TVector xk = TLane.Load(x + k);
                s0 = TLane.MultiplyAdd(TLane.Load(a0 + k), xk, s0);
                s1 = TLane.MultiplyAdd(TLane.Load(a1 + k), xk, s1);
                s2 = TLane.MultiplyAdd(TLane.Load(a2 + k), xk, s2);
                s3 = TLane.MultiplyAdd(TLane.Load(a3 + k), xk, s3);
            }

            double r0 = TLane.Sum(s0), r1 = TLane.Sum(s1), r2 = TLane.Sum(s2), r3 = TLane.Sum(s3);
            for (; k < columns; k++)
            {
                r0 += a0[k] * x[k];
                r1 += a1[k] * x[k];
                r2 += a2[k] * x[k];
                r3 += a3[k] * x[k];
            }

            result[i] = r0;
            result[i + 1] = r1;
            result[i + 2] = r2;
            result[i + 3] = r3;
        }

        for (; i < rows; i++)
            result[i] = Dot(a + ((long)i * columns), x, columns);
    }

    /// <summary>result += Aᵀ·x, A row-major; rows whose factor is zero are not read.</summary>
    public static void AddTransposed(double* a, int rows, int columns, double* x, double* result)
    {
        for (int i = 0; i < rows; i++)
        {
            if (x[i] != 0)
                AddScaled(x[i], a + ((long)i * columns), result, columns);
        }
    }

    /// <summary>result = ½(Q + Qᵀ)·x, Q row-major.</summary>
    public static void MultiplySymmetric(double* q, int n, double* x, double* result)
    {
        int w = TLane.Width;
        for (int i = 0; i < n; i++)
            result[i] = 0;
        TVector half = TLane.Broadcast(0.5);
        for (int i = 0; i < n; i++)
        {
            double* row = q + ((long)i * n);
            TVector sum = default;
            TVector xi = TLane.Broadcast(0.5 * x[i]);
            int k = 0;
            for (; k + w <= n; k += w)
            {
                TVector a = TLane.Load(row + k);
                sum = TLane.MultiplyAdd(a, TLane.Load(x + k), sum);
                TLane.Store(result + k, TLane.MultiplyAdd(a, xi, TLane.Load(result + k)));
            }

            double rest = TLane.Sum(TLane.Multiply(half, sum));
            for (; k < n; k++)
            {
                rest += 0.5 * row[k] * x[k];
                result[k] += 0.5 * row[k] * x[i];
            }

            result[i] += rest;
        }
    }

    /// <summary>max |xᵢ|, zero for none; NaN where one is.</summary>
    public static double MaxAbs(double* x, int count)
    {
        double max = 0;
        for (int i = 0; i < count; i++)
            max = System.Math.Max(max, System.Math.Abs(x[i]));
        return max;
    }

    /// <summary>Whether every element is finite.</summary>
    public static bool AllFinite(double* x, long count)
    {
        // 0·x is zero exactly for finite x.
        double sum = 0;
        for (long i = 0; i < count; i++)
            sum += 0 * x[i];
        return sum == 0;
    }
}
