using System;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>|f(x) − f(y)| ≤ L |x − y| for a network of dense layers: the product of the layers' largest singular values and of the slopes of its functions.</summary>
internal static class LipschitzBound
{
    /// <summary>The bound; null where weights were not kept orthogonal, or where there are layers of other kinds.</summary>
    /// <param name="options">How the network was trained.</param>
    /// <param name="network">What came of it.</param>
    public static double? Of(NetworkTrainerOptions options, Network network) =>
        options.WeightConstraint == WeightConstraintKind.Orthogonal ? Of(network) : null;

    /// <summary>The bound of a network; null where there are layers other than dense ones, scalings and functions.</summary>
    public static double? Of(Network network)
    {
        double product = 1;
        foreach (NetworkLayer layer in network.Layers)
        {
            switch (layer)
            {
                case DenseLayer dense:
                    product *= Norm(dense);
                    break;
                case ScalingLayer scaling:
                    product *= Largest(scaling.Factor);
                    break;
                case ActivationLayer activation:
                    product *= Slope(activation.Activation);
                    break;
                default:
                    return null;
            }
        }

        // What the singular values lack to rounding.
        return double.IsFinite(product) ? product * (1 + 1e-6) : null;
    }

    private static double Norm(DenseLayer layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        float[] weights = layer.Weights.ToArray();
        return linalg.svdvals(tensor(weights, [layer.OutputCount, layer.InputCount]).to(ScalarType.Float64)).max().item<double>();
    }

    private static double Largest(ReadOnlySpan<float> factors)
    {
        double largest = 0;
        foreach (float factor in factors)
            largest = Math.Max(largest, Math.Abs(factor));
        return largest;
    }

    /// <summary>The steepest slope. That of x/(1 + e⁻ˣ) is where its second derivative vanishes, at x = 2.3994.</summary>
    private static double Slope(NetworkActivation activation) => activation switch
    {
        NetworkActivation.Sigmoid => 0.25,
        NetworkActivation.SiLU => 1.0998394,
        _ => 1,
    };
}
