using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A fully connected network, with convolutions before it where the inputs are an image.</summary>
internal sealed class NetworkModule : TrainableNetwork
{
    private readonly NetworkShape _shape;
    private readonly Generator _masks;
    private readonly List<Convolution> _convolutions = [];
    private readonly List<Affine> _layers = [];
    private readonly Device _device;

    /// <param name="shape">What it looks like.</param>
    /// <param name="random">Gives the weights and the seed of the masks.</param>
    /// <param name="device">Where it is.</param>
    /// <exception cref="ArgumentException">A window does not fit the image.</exception>
    public NetworkModule(NetworkShape shape, Random random, Device device)
        : base(nameof(NetworkModule))
    {
        _shape = shape;
        _device = device;
        _masks = new Generator((ulong)random.Next(), device);
        int inputs = shape.Inputs;
        if (shape.Image is { } image)
        {
            if (image.Count != inputs)
                throw new ArgumentException($"An image of {image} has {image.Count} values but there are {inputs} features.", nameof(shape));
            foreach (ConvolutionBlock block in shape.Convolutions)
                image = Add(image, block, random);
            if (shape.PerPlace)
            {
                AddPlaces(image, random);
                return;
            }

            inputs = image.Count;
        }

        foreach (int units in shape.Hidden)
            inputs = Add(inputs, units, shape.BatchNormalization, random);
        Add(inputs, shape.Outputs, false, random);
    }

    public override int InputCount => _shape.Inputs;

    public override int OutputCount => _shape.Outputs;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = input;
        if (_convolutions.Count > 0)
        {
            ImageShape image = _shape.Image!.Value;
            x = x.reshape(-1, image.Channels, image.Height, image.Width);
            foreach (Convolution convolution in _convolutions)
            {
                x = convolution.Forward(x, _shape.Activation, training);
                if (convolution.IsHidden)
                    x = Drop(x);
            }

            x = x.flatten(1);
        }

        for (int i = 0; i < _layers.Count; i++)
        {
            x = _layers[i].Forward(x, training);
            if (i == _layers.Count - 1)
                break;
            x = Drop(NetworkTensors.Activate(_shape.Activation, x));
        }

        return scope.MoveToOuter(ReferenceEquals(x, input) ? x.alias() : x);
    }

    protected override void Export(List<NetworkLayer> layers, Scaling? output)
    {
        foreach (Convolution convolution in _convolutions)
            convolution.Export(layers, _shape.Activation);
        for (int i = 0; i < _layers.Count; i++)
        {
            (float[] weights, float[] bias) = _layers[i].Folded();
            bool last = i == _layers.Count - 1;
            layers.Add(Dense(weights, bias, last ? output : null));
            if (!last)
                layers.Add(new ActivationLayer(_shape.Activation, bias.Length));
        }

        if (_layers.Count == 0 && output is not null)
            layers.Add(output.ToLayer());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _masks.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Leaves a share of the units out while training.</summary>
    private Tensor Drop(Tensor x) => !training || _shape.Dropout == 0
        ? x
        : x * rand(x.shape, ScalarType.Float32, _device, false, _masks).ge(_shape.Dropout).to(ScalarType.Float32) * (float)(1 / (1 - _shape.Dropout));

    private int Add(int inputs, int outputs, bool normalized, Random random)
    {
        var layer = new Affine(Uniform(random, inputs, _device, outputs, inputs), Uniform(random, inputs, _device, outputs))
        {
            Norm = normalized ? new Normalization(outputs, _device) : null,
        };
        Register($"layer{_layers.Count}", layer);
        _layers.Add(layer);
        return outputs;
    }

    /// <summary>The dense layers as convolutions of single pixels.</summary>
    private void AddPlaces(ImageShape image, Random random)
    {
        foreach (int units in _shape.Hidden)
            image = Add(image, new ConvolutionBlock(units, 1), random, hidden: true);
        image = Add(image, new ConvolutionBlock(1, 1), random, last: true);
        if (image.Count != _shape.Outputs)
            throw new ArgumentException($"There are {image.Count} places for {_shape.Outputs} outputs.");
    }

    private ImageShape Add(ImageShape image, ConvolutionBlock block, Random random, bool hidden = false, bool last = false)
    {
        int fanIn = image.Channels * block.Kernel * block.Kernel;
        var layer = new Affine(
            Uniform(random, fanIn, _device, block.Channels, image.Channels, block.Kernel, block.Kernel), Uniform(random, fanIn, _device, block.Channels))
        {
            Norm = _shape.BatchNormalization && !last ? new Normalization(block.Channels, _device) : null,
        };
        Register($"convolution{_convolutions.Count}", layer);
        var convolution = new Convolution(layer, image, block) { IsHidden = hidden, IsLast = last };
        _convolutions.Add(convolution);
        return convolution.Output;
    }

    private void Register(string prefix, Affine layer)
    {
        register_parameter(prefix + "_weight", layer.Weight);
        register_parameter(prefix + "_bias", layer.Bias);
        if (layer.Norm is not { } norm)
            return;
        register_parameter(prefix + "_norm_weight", norm.Weight);
        register_parameter(prefix + "_norm_bias", norm.Bias);
        register_buffer(prefix + "_norm_mean", norm.Mean);
        register_buffer(prefix + "_norm_variance", norm.Variance);
    }

    /// <summary>A batch normalisation: statistics of the batch in training, running ones otherwise.</summary>
    private sealed class Normalization(int count, Device device)
    {
        private const double Epsilon = 1e-5, Momentum = 0.1;

        public Parameter Weight { get; } = new(ones(count, ScalarType.Float32, device), true);

        public Parameter Bias { get; } = new(zeros(count, ScalarType.Float32, device), true);

        public Tensor Mean { get; } = zeros(count, ScalarType.Float32, device);

        public Tensor Variance { get; } = ones(count, ScalarType.Float32, device);

        /// <summary>A single row has no variance: the running statistics serve it.</summary>
        public Tensor Forward(Tensor x, bool training) => nn.functional.batch_norm(
            x, Mean, Variance, Weight, Bias, training && x.shape[0] > 1, Momentum, Epsilon);

        /// <summary>As a factor and a shift for each channel.</summary>
        public (double[] Factor, double[] Shift) Fold()
        {
            float[] weight = TrainingTensors.Values(Weight), bias = TrainingTensors.Values(Bias);
            float[] mean = TrainingTensors.Values(Mean), variance = TrainingTensors.Values(Variance);
            double[] factor = new double[weight.Length], shift = new double[weight.Length];
            for (int i = 0; i < factor.Length; i++)
            {
                factor[i] = weight[i] / Math.Sqrt(variance[i] + Epsilon);
                shift[i] = bias[i] - (mean[i] * factor[i]);
            }

            return (factor, shift);
        }
    }

    /// <summary>Weights and bias of a dense layer or a convolution, and what normalises its outputs.</summary>
    private sealed class Affine(Parameter weight, Parameter bias)
    {
        public Parameter Weight => weight;

        public Parameter Bias => bias;

        public Normalization? Norm { get; init; }

        public Tensor Forward(Tensor x, bool training)
        {
            Tensor y = nn.functional.linear(x, weight, bias);
            return Norm is null ? y : Norm.Forward(y, training);
        }

        /// <summary>Weights and bias with the normalisation in them.</summary>
        public (float[] Weights, float[] Bias) Folded()
        {
            float[] weights = TrainingTensors.Values(weight), shifts = TrainingTensors.Values(bias);
            if (Norm is null)
                return (weights, shifts);
            (double[] factor, double[] shift) = Norm.Fold();
            int each = weights.Length / shifts.Length;
            for (int i = 0; i < weights.Length; i++)
                weights[i] = (float)(weights[i] * factor[i / each]);
            for (int i = 0; i < shifts.Length; i++)
                shifts[i] = (float)((shifts[i] * factor[i]) + shift[i]);
            return (weights, shifts);
        }
    }

    /// <summary>One block of convolution, function and pooling.</summary>
    private sealed class Convolution
    {
        private readonly Affine _affine;
        private readonly ImageShape _input, _full;
        private readonly ConvolutionBlock _block;

        public Convolution(Affine affine, ImageShape input, ConvolutionBlock block)
        {
            (_affine, _input, _block) = (affine, input, block);
            _full = new ImageShape(
                block.Channels,
                ImageShape.Places(input.Height, block.Kernel, block.Stride, block.Padding),
                ImageShape.Places(input.Width, block.Kernel, block.Stride, block.Padding));
            Output = new ImageShape(
                block.Channels, ImageShape.Places(_full.Height, block.Pool, block.Pool, 0), ImageShape.Places(_full.Width, block.Pool, block.Pool, 0));
        }

        public ImageShape Output { get; }

        /// <summary>Whether it stands for a hidden layer, of which dropout leaves units out.</summary>
        public bool IsHidden { get; init; }

        /// <summary>Whether its values are the network's own, with no function after them.</summary>
        public bool IsLast { get; init; }

        public Tensor Forward(Tensor x, NetworkActivation activation, bool training)
        {
            Tensor y = nn.functional.conv2d(x, _affine.Weight, _affine.Bias, [_block.Stride, _block.Stride], [_block.Padding, _block.Padding]);
            if (IsLast)
                return y;
            y = NetworkTensors.Activate(activation, _affine.Norm is null ? y : _affine.Norm.Forward(y, training));
            if (_block.Pool == 1)
                return y;

            // Squares that do not overlap: as two dimensions of their own, of which the largest value is taken.
            int p = _block.Pool;
            return y.narrow(2, 0, Output.Height * p).narrow(3, 0, Output.Width * p)
                .reshape(-1, _block.Channels, Output.Height, p, Output.Width, p).amax([3, 5]);
        }

        public void Export(List<NetworkLayer> layers, NetworkActivation activation)
        {
            (float[] weights, float[] bias) = _affine.Folded();
            layers.Add(new ConvolutionLayer(_input, weights, bias, _block.Kernel, _block.Stride, _block.Padding));
            if (IsLast)
                return;
            layers.Add(new ActivationLayer(activation, _full.Count));
            if (_block.Pool > 1)
                layers.Add(new PoolingLayer(_full, _block.Pool, _block.Pool, mean: false));
        }
    }
}
