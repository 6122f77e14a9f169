using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Kernels over rows of a row-major matrix whose stride is a multiple of the register's width. Lengths are such multiples too:
/// whoever calls pads with zeros, so that no kernel has an end to treat.
/// </summary>
internal static unsafe class RowKernels
{
    /// <summary><c>result = start + Σⱼ coefficients[j] · matrix[rows[j]]</c>; <paramref name="start"/> and <paramref name="result"/> may be the same.</summary>
    public static void AddRows<V>(
        double* start, int count, double* coefficients, int* rows, double* matrix, nint stride, double* result, int length)
        where V : struct, ISimd<V, double>
    {
        int at = 0;
        for (; at + (8 * V.Count) <= length; at += 8 * V.Count)
        {
            V a0 = V.Load(start + at);
            V a1 = V.Load(start + at + V.Count);
            V a2 = V.Load(start + at + (2 * V.Count));
            V a3 = V.Load(start + at + (3 * V.Count));
            V a4 = V.Load(start + at + (4 * V.Count));
            V a5 = V.Load(start + at + (5 * V.Count));
            V a6 = V.Load(start + at + (6 * V.Count));
            V a7 = V.Load(start + at + (7 * V.Count));
            for (int j = 0; j < count; j++)
            {
                double* row = matrix + (rows[j] * stride) + at;
                V c = V.Broadcast(coefficients[j]);
                a0 = V.MultiplyAdd(c, V.Load(row), a0);
                a1 = V.MultiplyAdd(c, V.Load(row + V.Count), a1);
                a2 = V.MultiplyAdd(c, V.Load(row + (2 * V.Count)), a2);
                a3 = V.MultiplyAdd(c, V.Load(row + (3 * V.Count)), a3);
                a4 = V.MultiplyAdd(c, V.Load(row + (4 * V.Count)), a4);
                a5 = V.MultiplyAdd(c, V.Load(row + (5 * V.Count)), a5);
                a6 = V.MultiplyAdd(c, V.Load(row + (6 * V.Count)), a6);
                a7 = V.MultiplyAdd(c, V.Load(row + (7 * V.Count)), a7);
            }

            V.Store(a0, result + at);
            V.Store(a1, result + at + V.Count);
            V.Store(a2, result + at + (2 * V.Count));
            V.Store(a3, result + at + (3 * V.Count));
            V.Store(a4, result + at + (4 * V.Count));
            V.Store(a5, result + at + (5 * V.Count));
            V.Store(a6, result + at + (6 * V.Count));
            V.Store(a7, result + at + (7 * V.Count));
        }

        for (; at + (4 * V.Count) <= length; at += 4 * V.Count)
        {
            V a0 = V.Load(start + at);
            V a1 = V.Load(start + at + V.Count);
            V a2 = V.Load(start + at + (2 * V.Count));
            V a3 = V.Load(start + at + (3 * V.Count));
            for (int j = 0; j < count; j++)
            {
                double* row = matrix + (rows[j] * stride) + at;
                V c = V.Broadcast(coefficients[j]);
                a0 = V.MultiplyAdd(c, V.Load(row), a0);
                a1 = V.MultiplyAdd(c, V.Load(row + V.Count), a1);
                a2 = V.MultiplyAdd(c, V.Load(row + (2 * V.Count)), a2);
                a3 = V.MultiplyAdd(c, V.Load(row + (3 * V.Count)), a3);
            }

            V.Store(a0, result + at);
            V.Store(a1, result + at + V.Count);
            V.Store(a2, result + at + (2 * V.Count));
            V.Store(a3, result + at + (3 * V.Count));
        }

        for (; at + (2 * V.Count) <= length; at += 2 * V.Count)
        {
            V a0 = V.Load(start + at);
            V a1 = V.Load(start + at + V.Count);
            for (int j = 0; j < count; j++)
            {
                double* row = matrix + (rows[j] * stride) + at;
                V c = V.Broadcast(coefficients[j]);
                a0 = V.MultiplyAdd(c, V.Load(row), a0);
                a1 = V.MultiplyAdd(c, V.Load(row + V.Count), a1);
            }

            V.Store(a0, result + at);
            V.Store(a1, result + at + V.Count);
        }

        for (; at < length; at += V.Count)
        {
            V a0 = V.Load(start + at);
            for (int j = 0; j < count; j++)
                a0 = V.MultiplyAdd(V.Broadcast(coefficients[j]), V.Load(matrix + (rows[j] * stride) + at), a0);
            V.Store(a0, result + at);
        }
    }

    /// <summary>The largest of <c>max(r − upper, lower − r)</c> and where it is.</summary>
    public static double LargestViolation<V>(double* r, double* lower, double* upper, int length, out int index)
        where V : struct, ISimd<V, double>
    {
        V best0 = V.Broadcast(double.NegativeInfinity);
        V best1 = best0;
        V where0 = V.Broadcast(0);
        V where1 = where0;
        V here = where0;
        V one = V.Broadcast(1);
        int at = 0;
        for (; at + (2 * V.Count) <= length; at += 2 * V.Count)
        {
            V first = V.Load(r + at);
            V second = V.Load(r + at + V.Count);
            first = V.Max(V.Subtract(first, V.Load(upper + at)), V.Subtract(V.Load(lower + at), first));
            second = V.Max(V.Subtract(second, V.Load(upper + at + V.Count)), V.Subtract(V.Load(lower + at + V.Count), second));
            where0 = V.SelectGreater(first, best0, here, where0);
            best0 = V.Max(first, best0);
            here = V.Add(here, one);
            where1 = V.SelectGreater(second, best1, here, where1);
            best1 = V.Max(second, best1);
            here = V.Add(here, one);
        }

        if (at < length)
        {
            V last = V.Load(r + at);
            last = V.Max(V.Subtract(last, V.Load(upper + at)), V.Subtract(V.Load(lower + at), last));
            where0 = V.SelectGreater(last, best0, here, where0);
            best0 = V.Max(last, best0);
        }

        where0 = V.SelectGreater(best1, best0, where1, where0);
        best0 = V.Max(best1, best0);
        double largest = V.MaxAcross(best0);
        double* places = stackalloc double[V.Count];
        V.Store(where0, places);
        int lane = V.FirstEqual(best0, largest);
        index = lane < V.Count ? ((int)places[lane] * V.Count) + lane : 0;
        return largest;
    }

    /// <summary>
    /// The largest of <c>step · sign · direction − max(sign · multiplier, 0)</c>: positive where a step of that length takes a multiplier
    /// through zero.
    /// </summary>
    public static double LargestOvershoot<V>(double* sign, double* multiplier, double* direction, double step, int length)
        where V : struct, ISimd<V, double>
    {
        V zero = V.Broadcast(0);
        V factor = V.Broadcast(step);
        V largest = V.Broadcast(double.NegativeInfinity);
        for (int at = 0; at < length; at += V.Count)
        {
            V s = V.Load(sign + at);
            V left = V.Max(V.Multiply(s, V.Load(multiplier + at)), zero);
            V taken = V.Multiply(factor, V.Multiply(s, V.Load(direction + at)));
            largest = V.Max(V.Subtract(taken, left), largest);
        }

        return V.MaxAcross(largest);
    }

    /// <summary><c>change = factor · direction; target −= change</c>.</summary>
    public static void Move<V>(double* direction, double factor, double* change, double* target, int length)
        where V : struct, ISimd<V, double>
    {
        V f = V.Broadcast(factor);
        for (int at = 0; at < length; at += V.Count)
        {
            V c = V.Multiply(f, V.Load(direction + at));
            V.Store(c, change + at);
            V.Store(V.Subtract(V.Load(target + at), c), target + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Dot<V>(double* left, double* right, int length)
        where V : struct, ISimd<V, double>
    {
        V a0 = V.Broadcast(0);
        V a1 = a0;
        int at = 0;
        for (; at + (2 * V.Count) <= length; at += 2 * V.Count)
        {
            a0 = V.MultiplyAdd(V.Load(left + at), V.Load(right + at), a0);
            a1 = V.MultiplyAdd(V.Load(left + at + V.Count), V.Load(right + at + V.Count), a1);
        }

        if (at < length)
            a0 = V.MultiplyAdd(V.Load(left + at), V.Load(right + at), a0);
        return V.Sum(V.Add(a0, a1));
    }

    /// <summary><c>matrix[j] += (scale · vector[j]) · vector</c> for the first <paramref name="rows"/> rows.</summary>
    public static void AddOuterProduct<V>(double* matrix, nint stride, int rows, double scale, double* vector, int length)
        where V : struct, ISimd<V, double>
    {
        for (int j = 0; j < rows; j++)
        {
            V c = V.Broadcast(scale * vector[j]);
            double* row = matrix + (j * stride);
            for (int at = 0; at < length; at += V.Count)
                V.Store(V.MultiplyAdd(c, V.Load(vector + at), V.Load(row + at)), row + at);
        }
    }
}
