using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Polyhedra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A block of q independent rows: y = Qv with v = [z₀ + Z|μ|; ν], the q reflections of Q as one: Q = I − WTWᵀ with an upper triangular T
/// (Schreiber and Van Loan, "A storage-efficient WY representation for products of Householder transformations", 1989). O(qs) a row.
/// </summary>
internal sealed class ReflectorTensors : ParameterTensors
{
    private readonly RayActivation _kind;
    private readonly long _inequalities;
    private readonly Tensor _point, _rays, _vectors, _combined;

    public ReflectorTensors(IndependentRows rows, RayActivation kind, ScalarType type, Device device)
    {
        int q = rows.Count, s = rows.Dimension;
        _kind = kind;
        _inequalities = q - rows.Equalities;
        _point = tensor(rows.Point, type, device);
        _rays = tensor(rows.Rays, type, device).reshape(_inequalities, q);
        _vectors = tensor(Transposed(rows.Reflectors, q, s), type, device).reshape(s, q);
        _combined = tensor(Combined(rows.Reflectors, q, s), type, device).reshape(q, s);
    }

    public override IEnumerable<Tensor?> Constants => [_point, _rays, _vectors, _combined];

    public override Tensor Map(Tensor activations)
    {
        Tensor first = (Ray(_kind, activations.narrow(1, 0, _inequalities)).matmul(_rays)) + _point;
        Tensor v = cat([first, activations.narrow(1, _inequalities, Activations - _inequalities)], 1);
        return v - v.matmul(_vectors).matmul(_combined);
    }

    private static double[] Transposed(double[] reflectors, int q, int s)
    {
        var result = new double[q * s];
        for (int k = 0; k < q; k++)
        {
            for (int j = 0; j < s; j++)
                result[j * q + k] = reflectors[k * s + j];
        }

        return result;
    }

    /// <summary>TᵀWᵀ, q × s. Column k of T is −T Wᵀwₖ above a 1.</summary>
    private static double[] Combined(double[] reflectors, int q, int s)
    {
        var t = new double[q, q];
        for (int k = 0; k < q; k++)
        {
            t[k, k] = 1;
            for (int i = 0; i < k; i++)
            {
                double sum = 0;
                for (int l = i; l < k; l++)
                    sum += t[i, l] * OrthonormalBasis.Dot(reflectors.AsSpan(l * s, s), reflectors.AsSpan(k * s, s));
                t[i, k] = -sum;
            }
        }

        var result = new double[q * s];
        for (int k = 0; k < q; k++)
        {
            for (int i = 0; i <= k; i++)
            {
                for (int j = 0; j < s; j++)
                    result[k * s + j] += t[i, k] * reflectors[i * s + j];
            }
        }

        return result;
    }
}
