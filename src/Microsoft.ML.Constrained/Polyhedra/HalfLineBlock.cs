using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Variables with one bound each and nothing else: yᵢ = boundᵢ + signᵢ · ray(aᵢ), sign +1 for a lower and −1 for an upper bound.</summary>
internal sealed unsafe class HalfLineBlock(double[] bounds, double[] signs) : ParameterBlock(bounds.Length, bounds.Length)
{
    public double[] Signs => signs;

    public override long Work => 4L * Size;

    public override double[] Offset => bounds;

    public override IEnumerable<(GeneratorKind Kind, int Group, double[] Generator)> Generators =>
        signs.Select((sign, i) => (GeneratorKind.Ray, 0, Unit(Size, i, sign)));

    public override void Forward(in BlockRows rows, double* activations, double* points)
    {
        int width = Vector<double>.Count;
        fixed (double* bound = bounds, sign = signs)
        {
            for (int r = 0; r < rows.Count; r++)
            {
                double* a = activations + (long)r * rows.ActivationStride, y = points + (long)r * rows.PointStride;
                int i = 0;
                if (rows.Rays == RayActivation.Absolute)
                {
                    for (; i + width <= Size; i += width)
                        PanelLane<double>.Fused(Vector.Load(sign + i), Vector.Abs(Vector.Load(a + i)), Vector.Load(bound + i)).Store(y + i);
                }

                for (; i < Size; i++)
                    y[i] = bound[i] + sign[i] * ActivationKernels.Ray(rows.Rays, a[i]);
            }
        }
    }

    public override void Backward(in BlockRows rows, double* activations, double* gradients, double* result)
    {
        for (int r = 0; r < rows.Count; r++)
        {
            double* a = activations + (long)r * rows.ActivationStride, g = gradients + (long)r * rows.PointStride;
            double* d = result + (long)r * rows.ActivationStride;
            for (int i = 0; i < Size; i++)
                d[i] = signs[i] * g[i] * ActivationKernels.RaySlope(rows.Rays, a[i]);
        }
    }

    public override void Write(BinaryWriter writer)
    {
        ParameterFile.WriteDoubles(writer, bounds);
        ParameterFile.WriteDoubles(writer, signs);
    }

    public static HalfLineBlock Read(BinaryReader reader, int size)
    {
        double[] bounds = ParameterFile.ReadDoubles(reader, size), signs = ParameterFile.ReadDoubles(reader, size);
        return signs.All(s => Math.Abs(s) == 1) ? new HalfLineBlock(bounds, signs) : throw new FormatException("a bound's side is neither 1 nor −1");
    }

    internal static double[] Unit(int size, int index, double value)
    {
        var result = new double[size];
        result[index] = value;
        return result;
    }
}
