using System;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Linear Linear(
                long inputSize, long outputSize, bool hasBias = true, Device device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            public static partial class functional
            {
                public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) => Aten.linear.Call(input, weights, bias);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>y = x Wᵀ + b.</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        private Parameter _weight;
        private Parameter _bias;

        internal Linear(long inputSize, long outputSize, bool hasBias, Device device, ScalarType? dtype) : base(nameof(Linear))
        {
            using var scope = NewDisposeScope();
            weight = new Parameter(empty(outputSize, inputSize, dtype, device));
            nn.init.kaiming_uniform_(_weight, Math.Sqrt(5));
            if (!hasBias)
                return;
            bias = new Parameter(empty(outputSize, dtype, device));
            double bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
            nn.init.uniform_(_bias, -bound, bound);
        }

        public Parameter weight
        {
            get => _weight;
            set => ReplaceParameter(nameof(weight), _weight = value);
        }

        public Parameter bias
        {
            get => _bias;
            set => ReplaceParameter(nameof(bias), _bias = value);
        }

        public override Tensor forward(Tensor tensor) => Aten.linear.Call(tensor, _weight, _bias);
    }
}
