using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// Dense kernels on several matrices at once, one to a lane: element e of all of them is one register, at e·Width. A lane's arithmetic
/// is the same whatever the other lanes hold.
/// </summary>
internal static unsafe class LaneKernels<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>Lane t of target element e = sources[t][e].</summary>
    public static void Interleave(double** sources, int count, double* target)
    {
        int w = TLane.Width;
        int e = 0;
        if (w % 4 == 0 && Avx.IsSupported)
        {
            for (; e + 4 <= count; e += 4)
            {
                for (int t = 0; t < w; t += 4)
                {
                    Vector256<double> a = Vector256.Load(sources[t] + e), b = Vector256.Load(sources[t + 1] + e);
                    Vector256<double> c = Vector256.Load(sources[t + 2] + e), d = Vector256.Load(sources[t + 3] + e);
                    Vector256<double> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b);
                    Vector256<double> cd0 = Avx.UnpackLow(c, d), cd1 = Avx.UnpackHigh(c, d);
                    double* to = target + (e * w) + t;
                    Avx.Permute2x128(ab0, cd0, 0x20).Store(to);
                    Avx.Permute2x128(ab1, cd1, 0x20).Store(to + w);
                    Avx.Permute2x128(ab0, cd0, 0x31).Store(to + (2 * w));
                    Avx.Permute2x128(ab1, cd1, 0x31).Store(to + (3 * w));
                }
            }
        }

        for (; e < count; e++)
        {
            for (int t = 0; t < w; t++)
                target[(e * w) + t] = sources[t][e];
        }
    }

    /// <summary>target[e] = lane <paramref name="lane"/> of source element e.</summary>
    public static void Extract(double* source, int lane, int count, double* target)
    {
        int w = TLane.Width;
        source += lane;
        for (int e = 0; e < count; e++)
            target[e] = source[e * w];
    }

    /// <summary>
    /// Cholesky by columns of the upper <paramref name="order"/> rows of a matrix of <paramref name="rows"/> rows and
    /// <paramref name="stride"/> columns; the rows below become W·L⁻ᵀ. The diagonal receives the reciprocals of the pivots' roots: zero
    /// for a pivot that is not above <paramref name="threshold"/> times its diagonal element, whose unknown then comes out as zero.
    /// </summary>
    /// <returns>A mask: the lanes without such a pivot.</returns>
    public static TVector Factor(double* a, int rows, int order, int stride, double threshold)
    {
        int w = TLane.Width;
        TVector least = TLane.Broadcast(threshold), zero = default, one = TLane.Broadcast(1), infinite = TLane.Broadcast(double.PositiveInfinity);
        TVector good = TLane.Less(zero, one);
        long step = (long)stride * w;
        for (int j = 0; j < order; j++)
        {
            double* rowJ = a + (j * step);
            TVector first = TLane.Load(rowJ + (j * w));
            TVector pivot = first;
            for (int k = 0; k < j; k++)
            {
                TVector x = TLane.Load(rowJ + (k * w));
                pivot = TLane.MultiplyAdd(TLane.Negate(x), x, pivot);
            }

            TVector usable = TLane.And(TLane.Less(TLane.Multiply(least, first), pivot), TLane.Less(pivot, infinite));
            good = TLane.And(good, usable);
            TVector scale = TLane.And(usable, TLane.Divide(one, TLane.Sqrt(TLane.Select(usable, pivot, one))));
            TLane.Store(rowJ + (j * w), scale);
            int i = j + 1;
            for (; i + 4 <= rows; i += 4)
                Column4(a + (i * step), step, rowJ, j, scale);
            for (; i < rows; i++)
            {
                double* row = a + (i * step);
                TVector sum = TLane.Load(row + (j * w));
                for (int k = 0; k < j; k++)
                    sum = TLane.MultiplyAdd(TLane.Negate(TLane.Load(row + (k * w))), TLane.Load(rowJ + (k * w)), sum);
                TLane.Store(row + (j * w), TLane.Multiply(sum, scale));
            }
        }

        return good;
    }

    /// <summary>x = L⁻¹x for a factor of <see cref="Factor"/>.</summary>
    public static void Forward(double* l, int order, int stride, double* x)
    {
        int w = TLane.Width;
        for (int k = 0; k < order; k++)
        {
            double* column = l + (k * w);
            TVector xk = TLane.Multiply(TLane.Load(x + (k * w)), TLane.Load(column + ((long)k * stride * w)));
            TLane.Store(x + (k * w), xk);
            TVector minus = TLane.Negate(xk);
            for (int i = k + 1; i < order; i++)
                TLane.Store(x + (i * w), TLane.MultiplyAdd(TLane.Load(column + ((long)i * stride * w)), minus, TLane.Load(x + (i * w))));
        }
    }

    /// <summary>x = L⁻ᵀx for a factor of <see cref="Factor"/>.</summary>
    public static void Backward(double* l, int order, int stride, double* x)
    {
        int w = TLane.Width;
        for (int k = order - 1; k >= 0; k--)
        {
            double* row = l + ((long)k * stride * w);
            TVector xk = TLane.Multiply(TLane.Load(x + (k * w)), TLane.Load(row + (k * w)));
            TLane.Store(x + (k * w), xk);
            AddScaled(TLane.Negate(xk), row, x, k);
        }
    }

    /// <summary>R = W·Wᵀ, whole.</summary>
    public static void Gram(double* rows, int rowCount, int columns, double* product)
    {
        int w = TLane.Width;
        for (int i = 0; i < rowCount; i++)
        {
            double* a = rows + ((long)i * columns * w);
            int j = 0;
            for (; j + 4 <= i + 1; j += 4)
            {
                double* b0 = rows + ((long)j * columns * w);
                double* b1 = b0 + (columns * w);
                double* b2 = b1 + (columns * w);
                double* b3 = b2 + (columns * w);
                TVector s0 = default, s1 = default, s2 = default, s3 = default;
                for (int k = 0; k < columns * w; k += w)
                {
                    TVector x = TLane.Load(a + k);
                    s0 = TLane.MultiplyAdd(x, TLane.Load(b0 + k), s0);
                    s1 = TLane.MultiplyAdd(x, TLane.Load(b1 + k), s1);
                    s2 = TLane.MultiplyAdd(x, TLane.Load(b2 + k), s2);
                    s3 = TLane.MultiplyAdd(x, TLane.Load(b3 + k), s3);
                }

                StoreBoth(product, rowCount, i, j, s0);
                StoreBoth(product, rowCount, i, j + 1, s1);
                StoreBoth(product, rowCount, i, j + 2, s2);
                StoreBoth(product, rowCount, i, j + 3, s3);
            }

            for (; j <= i; j++)
                StoreBoth(product, rowCount, i, j, Dot(a, rows + ((long)j * columns * w), columns));
        }
    }

    /// <summary>Σ over the elements, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Dot(double* a, double* b, int count)
    {
        int w = TLane.Width;
        TVector s0 = default, s1 = default;
        int k = 0;
        for (; k + 2 <= count; k += 2)
        {
            s0 = TLane.MultiplyAdd(TLane.Load(a + (k * w)), TLane.Load(b + (k * w)), s0);
            s1 = TLane.MultiplyAdd(TLane.Load(a + (k * w) + w), TLane.Load(b + (k * w) + w), s1);
        }

        if (k < count)
            s0 = TLane.MultiplyAdd(TLane.Load(a + (k * w)), TLane.Load(b + (k * w)), s0);
        return TLane.Add(s0, s1);
    }

    /// <summary>y += factor·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(TVector factor, double* x, double* y, int count)
    {
        int w = TLane.Width;
        for (int k = 0; k < count * w; k += w)
            TLane.Store(y + k, TLane.MultiplyAdd(factor, TLane.Load(x + k), TLane.Load(y + k)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreBoth(double* product, int order, int i, int j, TVector value)
    {
        TLane.Store(product + (((i * order) + j) * TLane.Width), value);
        TLane.Store(product + (((j * order) + i) * TLane.Width), value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column4(double* rows, long step, double* rowJ, int j, TVector scale)
    {
        int w = TLane.Width;
        double* r1 = rows + step;
        double* r2 = r1 + step;
        double* r3 = r2 + step;
        TVector s0 = default, s1 = default, s2 = default, s3 = default;
        int at = j * w;
        for (int k = 0; k < at; k += w)
        {
            TVector x = TLane.Load(rowJ + k);
            s0 = TLane.MultiplyAdd(TLane.Load(rows + k), x, s0);
            s1 = TLane.MultiplyAdd(TLane.Load(r1 + k), x, s1);
            s2 = TLane.MultiplyAdd(TLane.Load(r2 + k), x, s2);
            s3 = TLane.MultiplyAdd(TLane.Load(r3 + k), x, s3);
        }

        TLane.Store(rows + at, TLane.Multiply(scale, TLane.Subtract(TLane.Load(rows + at), s0)));
        TLane.Store(r1 + at, TLane.Multiply(scale, TLane.Subtract(TLane.Load(r1 + at), s1)));
        TLane.Store(r2 + at, TLane.Multiply(scale, TLane.Subtract(TLane.Load(r2 + at), s2)));
        TLane.Store(r3 + at, TLane.Multiply(scale, TLane.Subtract(TLane.Load(r3 + at), s3)));
    }
}
