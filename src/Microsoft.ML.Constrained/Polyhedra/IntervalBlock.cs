using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// Variables between two bounds and nothing else. A softmax over two vertices: with an activation a of the lower and b of the
/// upper bound, variable by variable, y = lower + (upper − lower) / (1 + e^(a − b)).
/// </summary>
internal sealed unsafe class IntervalBlock : ParameterBlock
{
    private readonly double[] _lower, _upper, _width;

    public IntervalBlock(double[] lower, double[] upper)
        : base(lower.Length, 2 * lower.Length)
    {
        (_lower, _upper) = (lower, upper);
        _width = [.. upper.Zip(lower, (u, l) => u - l)];
    }

    public double[] Lower => _lower;

    public double[] Upper => _upper;

    public override long Work => 40L * Size;

    public override double[] Offset => new double[Size];

    public override IEnumerable<(GeneratorKind Kind, int Group, double[] Generator)> Generators =>
        Enumerable.Range(0, 2 * Size).Select(k => (GeneratorKind.Vertex, k / 2, HalfLineBlock.Unit(Size, k / 2, (k % 2 == 0 ? _lower : _upper)[k / 2])));

    public override void Forward(in BlockRows rows, double* activations, double* points)
    {
        int lanes = Vector<double>.Count;
        for (int r = 0; r < rows.Count; r++)
        {
            double* a = activations + (long)r * rows.ActivationStride, y = points + (long)r * rows.PointStride;
            for (int i = 0; i < Size; i++)
                y[i] = a[2 * i + 1] - a[2 * i];
            for (int i = 0; i < Size; i += lanes)
            {
                // The upper weight from the side where the exponent is not positive, so that nothing overflows.
                Vector<double> difference = Vector.Load(y + i);
                Vector<double> e = ActivationKernels.ExpOfNonpositive(-Vector.Abs(difference));
                Vector<double> small = e / (Vector<double>.One + e);
                Vector<double> weight = Vector.ConditionalSelect(
                    Vector.LessThan(difference, Vector<double>.Zero), small, Vector<double>.One - small);
                weight.Store(y + i);
            }

            for (int i = 0; i < Size; i++)
            {
                // Never beyond a bound, which the rounding of the width could allow.
                y[i] = Math.Min(_upper[i], _lower[i] + y[i] * _width[i]);
            }
        }
    }

    public override void Backward(in BlockRows rows, double* activations, double* gradients, double* result)
    {
        for (int r = 0; r < rows.Count; r++)
        {
            double* a = activations + (long)r * rows.ActivationStride;
            double* g = gradients + (long)r * rows.PointStride, d = result + (long)r * rows.ActivationStride;
            for (int i = 0; i < Size; i++)
            {
                double e = Math.Exp(-Math.Abs(a[2 * i + 1] - a[2 * i]));
                double slope = g[i] * _width[i] * e / ((1 + e) * (1 + e));
                d[2 * i] = -slope;
                d[2 * i + 1] = slope;
            }
        }
    }

    public override void Write(BinaryWriter writer)
    {
        ParameterFile.WriteDoubles(writer, _lower);
        ParameterFile.WriteDoubles(writer, _upper);
    }

    public static IntervalBlock Read(BinaryReader reader, int size)
    {
        double[] lower = ParameterFile.ReadDoubles(reader, size), upper = ParameterFile.ReadDoubles(reader, size);
        for (int i = 0; i < size; i++)
        {
            if (!(lower[i] <= upper[i]))
                throw new FormatException("a lower bound is above its upper bound");
        }

        return new IntervalBlock(lower, upper);
    }
}
