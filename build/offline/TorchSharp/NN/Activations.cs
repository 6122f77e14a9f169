using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ReLU ReLU(bool inplace = false) => new(inplace);
            public static Modules.Tanh Tanh() => new();
            public static Modules.Sigmoid Sigmoid() => new();
            public static Modules.Softplus Softplus(double beta = 1, double threshold = 20) => new(beta, threshold);
            public static Modules.SiLU SiLU() => new();
            public static Modules.LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);
            public static Modules.GELU GELU() => new();
            public static Modules.ELU ELU(double alpha = 1.0, bool inplace = false) => new(alpha, inplace);
            public static Modules.Softmax Softmax(long dim) => new(dim);
            public static Modules.LogSoftmax LogSoftmax(long dim) => new(dim);
            public static Modules.Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
            public static Modules.Identity Identity() => new();
            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static partial class functional
            {
                public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();
                public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_() : x.tanh();
                public static Tensor sigmoid(Tensor x) => x.sigmoid();
                public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();
                public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => x.softplus(beta, threshold);
                public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                    inplace ? input.leaky_relu_(negative_slope) : input.leaky_relu(negative_slope);
                public static Tensor gelu(Tensor x) => x.gelu();
                public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? x.elu_(alpha) : x.elu(alpha);
                public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
                public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
                public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();
                public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.one_hot.Call(x, num_classes);
                public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                    inplace ? Aten.dropout_.InPlace(input, input, p, training) : Aten.dropout.Call(input, p, training);
                public static Tensor layer_norm(
                    Tensor input, long[] normalized_shape, Tensor weight = null, Tensor bias = null, double eps = 1e-05) =>
                    Aten.layer_norm.Call(input, normalized_shape, weight, bias, eps);

                public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                    mode is PaddingModes.Constant or PaddingModes.Zeros
                        ? Aten.constant_pad_nd.Call(input, pad, value)
                        : Aten.pad.Call(input, pad, mode.ToString().ToLowerInvariant());
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class ReLU : nn.Module<Tensor, Tensor>
    {
        private readonly bool _inplace;
        internal ReLU(bool inplace) : base(nameof(ReLU)) => _inplace = inplace;
        public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, _inplace);
    }

    public sealed class Tanh : nn.Module<Tensor, Tensor>
    {
        internal Tanh() : base(nameof(Tanh)) { }
        public override string GetName() => nameof(Tanh);
        public override Tensor forward(Tensor tensor) => tensor.tanh();
    }

    public sealed class Sigmoid : nn.Module<Tensor, Tensor>
    {
        internal Sigmoid() : base(nameof(Sigmoid)) { }
        public override Tensor forward(Tensor tensor) => tensor.sigmoid();
    }

    public sealed class Softplus : nn.Module<Tensor, Tensor>
    {
        private readonly double _beta;
        private readonly double _threshold;

        internal Softplus(double beta, double threshold) : base(nameof(Softplus))
        {
            _beta = beta;
            _threshold = threshold;
        }

        public override Tensor forward(Tensor tensor) => tensor.softplus(_beta, _threshold);
    }

    public sealed class SiLU : nn.Module<Tensor, Tensor>
    {
        internal SiLU() : base(nameof(SiLU)) { }
        public override string GetName() => nameof(SiLU);
        public override Tensor forward(Tensor tensor) => tensor.silu();
    }

    public sealed class LeakyReLU : nn.Module<Tensor, Tensor>
    {
        private readonly double _slope;
        private readonly bool _inplace;

        internal LeakyReLU(double slope, bool inplace) : base(nameof(LeakyReLU))
        {
            _slope = slope;
            _inplace = inplace;
        }

        public override Tensor forward(Tensor tensor) => nn.functional.leaky_relu(tensor, _slope, _inplace);
    }

    public sealed class GELU : nn.Module<Tensor, Tensor>
    {
        internal GELU() : base(nameof(GELU)) { }
        public override Tensor forward(Tensor tensor) => tensor.gelu();
    }

    public sealed class ELU : nn.Module<Tensor, Tensor>
    {
        private readonly double _alpha;
        private readonly bool _inplace;

        internal ELU(double alpha, bool inplace) : base(nameof(ELU))
        {
            _alpha = alpha;
            _inplace = inplace;
        }

        public override Tensor forward(Tensor tensor) => nn.functional.elu(tensor, _alpha, _inplace);
    }

    public sealed class Softmax : nn.Module<Tensor, Tensor>
    {
        private readonly long _dim;
        internal Softmax(long dim) : base(nameof(Softmax)) => _dim = dim;
        public override Tensor forward(Tensor tensor) => tensor.softmax(_dim);
    }

    public sealed class LogSoftmax : nn.Module<Tensor, Tensor>
    {
        private readonly long _dim;
        internal LogSoftmax(long dim) : base(nameof(LogSoftmax)) => _dim = dim;
        public override Tensor forward(Tensor tensor) => tensor.log_softmax(_dim);
    }

    public sealed class Flatten : nn.Module<Tensor, Tensor>
    {
        private readonly long _start;
        private readonly long _end;

        internal Flatten(long start, long end) : base(nameof(Flatten))
        {
            _start = start;
            _end = end;
        }

        public override Tensor forward(Tensor input) => input.flatten(_start, _end);
    }

    public sealed class Identity : nn.Module<Tensor, Tensor>
    {
        internal Identity() : base(nameof(Identity)) { }
        public override Tensor forward(Tensor tensor) => tensor.alias();
    }

    /// <summary>Draws its mask from the global generator, as upstream does.</summary>
    public sealed class Dropout : nn.Module<Tensor, Tensor>
    {
        private readonly double _p;
        private readonly bool _inplace;

        internal Dropout(double p, bool inplace) : base(nameof(Dropout))
        {
            _p = p;
            _inplace = inplace;
        }

        public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, _p, training, _inplace);
    }
}
