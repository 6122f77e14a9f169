using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// From the adjoint's solution (dz, dy) to the six gradients (OptNet, equations 7 and 8):
/// <c>dp = dz, dQ = ½(dz·zᵀ + z·dzᵀ), dC = dy·zᵀ + y·dzᵀ, dd = −dy</c> for C = [A; G], d = [b; h].
/// </summary>
internal static unsafe class GradientWriter<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>The gradients of one problem.</summary>
    public static void Write(EngineTask task, GradientPointers target, int problem)
    {
        BatchPointers batch = task.Batch;
        int n = batch.Variables, m = batch.Inequalities, p = batch.Equalities, rows = m + p;
        double* z = task.Z + ((long)problem * n);
        double* dz = task.AdjointZ + ((long)problem * n);
        double* y = task.Multipliers + ((long)problem * rows);
        double* dy = task.AdjointY + ((long)problem * rows);

        // A problem without a solution has z = NaN and an adjoint of zero.
        bool none = task.Solution.Sources[problem] == AdjointSource.None;
        double* to;
        if ((to = target.Own(target.Q, QuadraticProgramParameters.Q)) != null)
        {
            to += (long)problem * n * n;
            for (int i = 0; i < n; i++, to += n)
                Outer(none, 0.5 * dz[i], z, 0.5 * z[i], dz, to, n);
        }

        if ((to = target.Own(target.P, QuadraticProgramParameters.P)) != null)
            Buffer.MemoryCopy(dz, to + ((long)problem * n), 8L * n, 8L * n);
        if ((to = target.Own(target.G, QuadraticProgramParameters.G)) != null)
        {
            to += (long)problem * m * n;
            for (int i = p; i < rows; i++, to += n)
                Outer(none, dy[i], z, y[i], dz, to, n);
        }

        if ((to = target.Own(target.A, QuadraticProgramParameters.A)) != null)
        {
            to += (long)problem * p * n;
            for (int i = 0; i < p; i++, to += n)
                Outer(none, dy[i], z, y[i], dz, to, n);
        }

        if ((to = target.Own(target.H, QuadraticProgramParameters.H)) != null)
        {
            for (int i = p; i < rows; i++)
                to[((long)problem * m) + i - p] = -dy[i];
        }

        if ((to = target.Own(target.B, QuadraticProgramParameters.B)) != null)
        {
            for (int i = 0; i < p; i++)
                to[((long)problem * p) + i] = -dy[i];
        }
    }

    /// <summary>
    /// Row <paramref name="row"/> of the summed gradients: rows of Q first, then of A, then of G. The order of the sums is that of
    /// the problems, whatever the number of threads.
    /// </summary>
    public static void WriteShared(EngineTask task, GradientPointers target, int row)
    {
        BatchPointers batch = task.Batch;
        int n = batch.Variables, p = batch.Equalities;
        if (row < n)
        {
            double* q = target.Sum(target.Q, QuadraticProgramParameters.Q);
            double* c = target.Sum(target.P, QuadraticProgramParameters.P);
            SumRow(task, q == null ? null : q + ((long)row * n), task.AdjointZ, task.Z, n, row, 0.5, c == null ? null : c + row, 1);
            return;
        }

        row -= n;
        bool equality = row < p;
        double* matrix = equality
            ? target.Sum(target.A, QuadraticProgramParameters.A)
            : target.Sum(target.G, QuadraticProgramParameters.G);
        double* right = equality
            ? target.Sum(target.B, QuadraticProgramParameters.B)
            : target.Sum(target.H, QuadraticProgramParameters.H);
        int within = equality ? row : row - p;
        SumRow(
            task, matrix == null ? null : matrix + ((long)within * n), task.AdjointY, task.Multipliers,
            p + batch.Inequalities, row, 1, right == null ? null : right + within, -1);
    }

    /// <summary>Σ over problems of factor·(first·zᵀ + second·dzᵀ), and of sign·first.</summary>
    private static void SumRow(
        EngineTask task, double* to, double* first, double* second, int stride, int row, double factor, double* scalar, double sign)
    {
        int n = task.Batch.Variables;
        if (to != null)
            new Span<double>(to, n).Clear();
        double sum = 0;
        for (int i = 0; i < task.Batch.BatchSize; i++)
        {
            if (task.Solution.Sources[i] == AdjointSource.None)
                continue;
            double a = first[((long)i * stride) + row], b = second[((long)i * stride) + row];
            sum += a;
            if (to == null)
                continue;
            if (a != 0)
                DenseKernels<TLane, TVector>.AddScaled(factor * a, task.Z + ((long)i * n), to, n);
            if (b != 0)
                DenseKernels<TLane, TVector>.AddScaled(factor * b, task.AdjointZ + ((long)i * n), to, n);
        }

        if (scalar != null)
            *scalar = sign * sum;
    }

    private static void Outer(bool none, double f, double* x, double g, double* y, double* to, int n)
    {
        if (none)
            new Span<double>(to, n).Clear();
        else
            DenseKernels<TLane, TVector>.Combine(f, x, g, y, to, n);
    }
}
