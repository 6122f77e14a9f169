using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Total variation of which everything is learned. The dual of <c>minimise ½‖v − z‖² + Σ λᵢ |(Fz)ᵢ|</c> is
/// <code>minimise ½ uᵀFFᵀu − (Fv)ᵀu  subject to −λ ≤ u ≤ λ,   z = v − Fᵀu,</code>
/// which has half as many variables as the primal with one more for each absolute value, and few active bounds: only where the signal
/// jumps. With v = Wy + c and the output Mz it starts (F the differences of neighbours, W = M = I, c = 0) as total variation itself.
/// </summary>
internal sealed class DenoiseModel : IDisposable
{
    private const int Length = DenoiseSignals.Length;
    private const int Rows = Length - 1;

    private readonly QuadraticProgramLayer _layer;
    private readonly Parameter _input, _offset, _differences, _logLambda, _output;
    private readonly Tensor _ridge;
    private readonly Adam _adam;

    /// <summary>The model that is total variation with the given λ.</summary>
    public DenoiseModel(double lambda, double firstRate)
    {
        double[] differences = new double[Rows * Length], bounds = new double[2 * Rows * Rows], logs = new double[Rows];
        for (int i = 0; i < Rows; i++)
        {
            differences[(i * Length) + i] = -1;
            differences[(i * Length) + i + 1] = 1;
            bounds[(i * Rows) + i] = 1;
            bounds[((Rows + i) * Rows) + i] = -1;
            logs[i] = Math.Log(lambda / DenoiseSignals.Noise);
        }

        using Tensor g = tensor(bounds, [2 * Rows, Rows]);
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
        _logLambda = new Parameter(tensor(logs), true);
        _input = new Parameter(eye(Length, Length, ScalarType.Float64), true);
        _output = new Parameter(eye(Length, Length, ScalarType.Float64), true);
        _offset = new Parameter(zeros(Length, ScalarType.Float64), true);
        _ridge = eye(Rows, Rows, ScalarType.Float64).mul_(1e-9);
        _adam = optim.Adam(new List<Parameter> { _differences, _logLambda, _input, _output, _offset }, firstRate, 0.9, 0.999, 1e-8, 0, false, false);
    }

    /// <summary>One step of Adam on a batch.</summary>
    public void Learn(Tensor noisy, Tensor clean, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _adam.ParamGroups)
            group.LearningRate = learningRate;
        _adam.zero_grad();
        Tensor loss = nn.functional.mse_loss(Forward(noisy), clean / DenoiseSignals.Noise);
        loss.backward();
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
        foreach (Parameter parameter in new[] { _differences, _logLambda, _input, _output, _offset })
            parameter.Dispose();
    }

    // In units of the noise, so that parameters and their steps are of order one.
    private Tensor Forward(Tensor noisy)
    {
        Tensor v = (noisy / DenoiseSignals.Noise).matmul(_input) + _offset;
        Tensor lambda = _logLambda.exp();
        Tensor u = _layer.forward(new QuadraticProgramTensors
        {
            Q = _differences.matmul(_differences.t()) + _ridge,
            P = v.matmul(_differences.t()).neg(),
            H = cat([lambda, lambda], 0),
        });
        return (v - u.matmul(_differences)).matmul(_output);
    }
}
