using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// Independent rows by reflections (<see cref="IndependentRows"/>): y = H₁…H_q [z₀ + Z|μ|; ν]. Activations: the rays' μ, one for
/// each inequality, then the lines' ν. Backward: the reflections are symmetric, so Qᵀg takes them in the other order.
/// </summary>
internal sealed unsafe class ReflectorBlock(IndependentRows rows) : ParameterBlock(rows.Dimension, rows.Dimension - rows.Equalities)
{
    private readonly int _count = rows.Count;
    private readonly int _inequalities = rows.Count - rows.Equalities;
    private readonly double[] _reflectors = rows.Reflectors, _point = rows.Point, _rays = rows.Rays;

    /// <summary>The factors.</summary>
    public IndependentRows Rows => rows;

    public override long Work => 4L * _count * Size;

    public override double[] Offset => rows.Vertex();

    public override IEnumerable<(GeneratorKind Kind, int Group, double[] Generator)> Generators =>
        Enumerable.Range(0, _inequalities).Select(i => (GeneratorKind.Ray, 0, rows.Ray(i)))
            .Concat(Enumerable.Range(0, Size - _count).Select(i => (GeneratorKind.Line, 0, rows.Line(i))));

    public override void Forward(in BlockRows rows, double* activations, double* points)
    {
        fixed (double* w = _reflectors, point = _point, rays = _rays)
        {
            for (int r = 0; r < rows.Count; r++)
            {
                double* a = activations + (long)r * rows.ActivationStride, y = points + (long)r * rows.PointStride;
                if (_count == 1)
                    One(rows.Rays, a, w, y);
                else
                    Several(rows.Rays, a, w, point, rays, y);
            }
        }
    }

    public override void Backward(in BlockRows rows, double* activations, double* gradients, double* result)
    {
        fixed (double* w = _reflectors, rays = _rays)
        {
            for (int r = 0; r < rows.Count; r++)
            {
                double* a = activations + (long)r * rows.ActivationStride, d = result + (long)r * rows.ActivationStride;
                if (_count == 1)
                {
                    OneBack(rows.Rays, a, w, gradients + (long)r * rows.PointStride, d);
                    continue;
                }

                // The gradient by the coefficients, in place of the gradient by the point.
                double* g = gradients + (long)r * rows.PointStride;
                for (int k = 0; k < _count; k++)
                    Reflect(w + k * Size + k, g + k, Size - k);
                for (int i = 0; i < _inequalities; i++)
                    d[i] = ActivationKernels.Dot(rays + i * _count, g, _count) * ActivationKernels.RaySlope(rows.Rays, a[i]);
                new ReadOnlySpan<double>(g + _count, Size - _count).CopyTo(new Span<double>(d + _inequalities, Size - _count));
            }
        }
    }

    public override void Write(BinaryWriter writer) => rows.Write(writer);

    public static ReflectorBlock Read(BinaryReader reader, int size) => new(IndependentRows.Read(reader, size));

    /// <summary>One row: the lines are read once for the product and once for the result, and never copied.</summary>
    private void One(RayActivation kind, double* a, double* w, double* y)
    {
        double first = _point[0];
        if (_inequalities == 1)
            first += _rays[0] * ActivationKernels.Ray(kind, a[0]);
        double* lines = a + _inequalities;
        int count = Size - 1;
        double dot = w[0] * first + ActivationKernels.Dot(w + 1, lines, count);
        y[0] = first - dot * w[0];
        ActivationKernels.SubtractMultiple(lines, dot, w + 1, y + 1, count);
    }

    private void OneBack(RayActivation kind, double* a, double* w, double* g, double* d)
    {
        double dot = ActivationKernels.Dot(w, g, Size);
        if (_inequalities == 1)
            d[0] = (g[0] - dot * w[0]) * _rays[0] * ActivationKernels.RaySlope(kind, a[0]);
        ActivationKernels.SubtractMultiple(g + 1, dot, w + 1, d + _inequalities, Size - 1);
    }

    private void Several(RayActivation kind, double* a, double* w, double* point, double* rays, double* y)
    {
        new ReadOnlySpan<double>(point, _count).CopyTo(new Span<double>(y, _count));
        for (int i = 0; i < _inequalities; i++)
            ActivationKernels.SubtractMultiple(y, -ActivationKernels.Ray(kind, a[i]), rays + i * _count, y, _count);
        new ReadOnlySpan<double>(a + _inequalities, Size - _count).CopyTo(new Span<double>(y + _count, Size - _count));
        for (int k = _count - 1; k >= 0; k--)
            Reflect(w + k * Size + k, y + k, Size - k);
    }

    private static void Reflect(double* w, double* vector, int count) =>
        ActivationKernels.SubtractMultiple(vector, ActivationKernels.Dot(w, vector, count), w, vector, count);
}
