using System;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Total variation as a quadratic program of which everything is learned. The dual of <c>minimise ½‖v − z‖² + Σ λᵢ |(Fz)ᵢ|</c> is
/// <code>minimise ½ uᵀFFᵀu − (Fv)ᵀu  subject to −λ ≤ u ≤ λ,   z = v − Fᵀu,</code>
/// which has 99 variables where the primal has 199, and few active bounds: only where the signal jumps. F, λ, and maps before and after
/// it, v = yW + c and the output zM, are learned. With F the differences of neighbours, W = M = I and c = 0 it starts as total variation.
/// </summary>
internal sealed class DenoiseModel : IDisposable
{
    private const int Length = DenoiseSignals.Length;
    private const int Rows = Length - 1;

    private readonly QuadraticProgramLayer _layer;
    private readonly Parameter _differences, _logLambda, _before, _offset, _after;
    private readonly Tensor _ridge;
    private readonly Adam _adam;

    /// <summary>The model that is total variation with the given λ.</summary>
    public DenoiseModel(double lambda)
    {
        double[] differences = new double[Rows * Length], box = new double[2 * Rows * Rows];
        for (int i = 0; i < Rows; i++)
        {
            differences[(i * Length) + i] = -1;
            differences[(i * Length) + i + 1] = 1;
            box[(i * Rows) + i] = 1;
            box[((Rows + i) * Rows) + i] = -1;
        }

        using Tensor g = tensor(box, [2 * Rows, Rows]);
        _layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = Rows,
            Inequalities = 2 * Rows,
            Q = QuadraticProgramTerm.Input,
            P = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Fixed(g),
            H = QuadraticProgramTerm.Input,
        });
        _differences = new Parameter(tensor(differences, [Rows, Length]), true);
        _logLambda = new Parameter(full(Rows, Math.Log(lambda / DenoiseSignals.Noise), ScalarType.Float64), true);
        _before = new Parameter(eye(Length, Length, ScalarType.Float64), true);
        _offset = new Parameter(zeros(Length, ScalarType.Float64), true);
        _after = new Parameter(eye(Length, Length, ScalarType.Float64), true);

        // Keeps FFᵀ positive definite whatever is learned.
        _ridge = eye(Rows, Rows, ScalarType.Float64).mul_(1e-9);
        _adam = optim.Adam(Own(), 1e-3, 0.9, 0.999, 1e-8, 0, false, false);
    }

    /// <summary>One step of Adam on a batch.</summary>
    public void Learn(Tensor noisy, Tensor clean, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _adam.ParamGroups)
            group.LearningRate = learningRate;
        _adam.zero_grad();
        nn.functional.mse_loss(Forward(noisy), clean / DenoiseSignals.Noise).backward();
        _adam.step();
    }

    /// <summary>The signals without their noise.</summary>
    public double[] Apply(Tensor noisy)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return (Forward(noisy) * DenoiseSignals.Noise).data<double>().ToArray();
    }

    public void Dispose()
    {
        _adam.Dispose();
        _layer.Dispose();
        _ridge.Dispose();
        foreach (Parameter parameter in Own())
            parameter.Dispose();
    }

    // In units of the noise, so that parameters and their steps are of order one.
    private Tensor Forward(Tensor noisy)
    {
        Tensor v = (noisy / DenoiseSignals.Noise).matmul(_before) + _offset;
        Tensor lambda = _logLambda.exp(), transposed = _differences.t();
        Tensor u = _layer.forward(new QuadraticProgramTensors
        {
            Q = _differences.matmul(transposed) + _ridge,
            P = v.matmul(transposed).neg(),
            H = cat([lambda, lambda], 0),
        });
        return (v - u.matmul(_differences)).matmul(_after);
    }

    private Parameter[] Own() => [_differences, _logLambda, _before, _offset, _after];
}
