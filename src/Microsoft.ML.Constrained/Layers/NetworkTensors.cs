using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.Constrained.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A trained network as tensor operations, for whole batches of rows where a GPU is: equal to <see cref="Network.Forward"/> to
/// rounding. Safe to use from any number of threads; one batch runs at a time.
/// </summary>
internal sealed class NetworkTensors : IDisposable
{
    /// <summary>Most values of a layer's windows or outputs at once.</summary>
    private const int MostValues = 1 << 26;

    private readonly object _gate = new();
    private readonly Network _network;
    private readonly Device _device;
    private readonly int _rowsAtOnce;

    /// <summary>Weights and bias, or factors and shifts, of each layer that has such; null until a batch comes.</summary>
    private (Tensor Linear, Tensor Constant)?[]? _parameters;

    /// <param name="network">The network.</param>
    /// <param name="device">Where to work. Nothing is put there before the first batch.</param>
    public NetworkTensors(Network network, Device device)
    {
        (_network, _device) = (network, device);
        _rowsAtOnce = Math.Max(1, MostValues / network.Layers.Max(l => Math.Max(Math.Max(l.InputCount, l.OutputCount), l.ScratchCount)));
    }

    /// <summary>Whether the device holds the parameters.</summary>
    public bool IsLoaded => _parameters is not null;

    /// <summary>The function on a tensor.</summary>
    public static Tensor Activate(NetworkActivation activation, Tensor x) => activation switch
    {
        NetworkActivation.ReLU => x.relu(),
        NetworkActivation.Tanh => x.tanh(),
        NetworkActivation.Sigmoid => x.sigmoid(),
        NetworkActivation.Softplus => nn.functional.softplus(x, 1, 20),
        _ => nn.functional.silu(x),
    };

    /// <summary>Computes the outputs of rows.</summary>
    /// <param name="inputs">rows × <see cref="Network.InputCount"/>, row-major.</param>
    /// <param name="outputs">Receives rows × <see cref="Network.OutputCount"/>; all NaN in a row whose input holds a NaN or an infinity.</param>
    public void Forward(ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        int rows = inputs.Length / _network.InputCount;
        if ((long)rows * _network.InputCount != inputs.Length || (long)rows * _network.OutputCount != outputs.Length)
        {
            throw new ArgumentException(
                $"There are {inputs.Length} inputs and room for {outputs.Length} outputs; expected {_network.InputCount} and {_network.OutputCount} a row.", nameof(inputs));
        }

        lock (_gate)
        {
            using IDisposable off = no_grad();
            _parameters ??= [.. _network.Layers.Select(Parameters)];
            for (int first = 0; first < rows; first += _rowsAtOnce)
            {
                int count = Math.Min(_rowsAtOnce, rows - first);
                Forward(
                    inputs.Slice(first * _network.InputCount, count * _network.InputCount), outputs.Slice(first * _network.OutputCount, count * _network.OutputCount), count);
            }
        }
    }

    /// <summary>Takes the parameters off the device. A later batch puts them there again.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach ((Tensor linear, Tensor constant) in (_parameters ?? []).OfType<(Tensor, Tensor)>())
            {
                linear.Dispose();
                constant.Dispose();
            }

            _parameters = null;
        }
    }

    private void Forward(ReadOnlySpan<float> inputs, Span<float> outputs, int rows)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor here = empty([rows, _network.InputCount], ScalarType.Float32);
        inputs.CopyTo(MemoryMarshal.Cast<byte, float>(here.bytes));
        Tensor x = here.to(_device), invalid = x.isfinite().all(1, true).logical_not();
        Tensor y = x.masked_fill(invalid, 0);
        for (int i = 0; i < _parameters!.Length; i++)
            y = Apply(_network.Layers[i], _parameters[i], y);
        y = y.masked_fill(invalid, float.NaN).cpu().contiguous();
        MemoryMarshal.Cast<byte, float>(y.bytes).CopyTo(outputs);
    }

    private static Tensor Apply(NetworkLayer layer, (Tensor Linear, Tensor Constant)? parameters, Tensor x) => layer switch
    {
        DenseLayer => nn.functional.linear(x, parameters!.Value.Linear, parameters.Value.Constant),
        ScalingLayer => (x * parameters!.Value.Linear) + parameters.Value.Constant,
        ActivationLayer activation => Activate(activation.Activation, x),
        PartialActivationLayer partial => cat(
            [x.narrow(1, 0, partial.Kept), Activate(partial.Activation, x.narrow(1, partial.Kept, partial.Changed))], 1),
        ConvolutionLayer convolution => Convolve(convolution, parameters!.Value, x),
        PoolingLayer pooling => Pool(pooling, x),
        _ => throw new NotSupportedException($"There are no tensor operations for {layer.GetType().Name}."),
    };

    /// <summary>The windows as rows of a matrix, times the kernels: libtorch's own convolutions round to fewer digits on some devices.</summary>
    private static Tensor Convolve(ConvolutionLayer layer, (Tensor Linear, Tensor Constant) parameters, Tensor x)
    {
        Tensor windows = Windows(x, layer.Input, layer.Kernel, layer.Stride, layer.Padding).permute(0, 2, 3, 1, 4, 5);
        Tensor values = nn.functional.linear(windows.reshape(-1, parameters.Linear.shape[1]), parameters.Linear, parameters.Constant);
        return values.reshape(x.shape[0], layer.Output.Height, layer.Output.Width, layer.Output.Channels).permute(0, 3, 1, 2).reshape(x.shape[0], -1);
    }

    private static Tensor Pool(PoolingLayer layer, Tensor x)
    {
        Tensor windows = Windows(x, layer.Input, layer.Kernel, layer.Stride, 0);
        return (layer.IsMean ? windows.mean([4, 5]) : windows.amax([4, 5])).reshape(x.shape[0], -1);
    }

    /// <summary>rows × channels × places down × places across × side × side.</summary>
    private static Tensor Windows(Tensor x, ImageShape shape, int side, int stride, int padding)
    {
        Tensor image = x.reshape(-1, shape.Channels, shape.Height, shape.Width);
        if (padding > 0)
            image = nn.functional.pad(image, [padding, padding, padding, padding]);
        return image.unfold(2, side, stride).unfold(3, side, stride);
    }

    private (Tensor Linear, Tensor Constant)? Parameters(NetworkLayer layer) => layer switch
    {
        DenseLayer dense => (Put(dense.Weights, dense.OutputCount, dense.InputCount), Put(dense.Bias, dense.OutputCount)),
        ScalingLayer scaling => (Put(scaling.Factor, scaling.InputCount), Put(scaling.Shift, scaling.InputCount)),
        ConvolutionLayer convolution =>
            (Put(convolution.Weights, convolution.Output.Channels, convolution.Weights.Length / convolution.Output.Channels), Put(convolution.Bias, convolution.Output.Channels)),
        _ => null,
    };

    private Tensor Put(ReadOnlySpan<float> values, params long[] shape) =>
        tensor(values.ToArray(), shape, ScalarType.Float32, _device).DetachFromDisposeScope();
}
