using System;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.BatchNorm1d BatchNorm1d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static Modules.BatchNorm2d BatchNorm2d(
                long num_features, double eps = 1e-05, double momentum = 0.1, bool affine = true, bool track_running_stats = true,
                Device device = null, ScalarType? dtype = null) =>
                new(num_features, eps, momentum, affine, track_running_stats, device, dtype);

            public static partial class functional
            {
                public static Tensor batch_norm(
                    Tensor input, Tensor running_mean, Tensor running_var, Tensor weight = null, Tensor bias = null, bool training = false,
                    double momentum = 0.1, double eps = 1e-5) =>
                    Aten.batch_norm.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>What the normalisations over a batch share: statistics of the batch in training, running ones otherwise.</summary>
    internal sealed class BatchNormalization
    {
        private readonly double _eps;
        private readonly double _momentum;
        private readonly Parameter _weight;
        private readonly Parameter _bias;
        private readonly Tensor _mean;
        private readonly Tensor _variance;
        private readonly Tensor _count;

        internal BatchNormalization(
            nn.Module owner, long features, double eps, double momentum, bool affine, bool track, Device device, ScalarType? dtype)
        {
            _eps = eps;
            _momentum = momentum;
            using var scope = NewDisposeScope();
            if (affine)
            {
                owner.register_parameter("weight", _weight = new Parameter(ones(features, dtype, device)));
                owner.register_parameter("bias", _bias = new Parameter(zeros(features, dtype, device)));
            }
            if (!track)
                return;
            owner.register_buffer("running_mean", _mean = zeros(features, dtype, device));
            owner.register_buffer("running_var", _variance = ones(features, dtype, device));
            // Upstream converts the counter too when a type is named.
            owner.register_buffer("num_batches_tracked", _count = zeros(Array.Empty<long>(), dtype ?? ScalarType.Int64, device));
        }

        internal Tensor Apply(Tensor input, bool training)
        {
            if (training)
                _count?.add_(1);
            return Aten.batch_norm.Call(input, _weight, _bias, _mean, _variance, training || _mean is null, _momentum, _eps, true);
        }
    }

    public sealed class BatchNorm1d : nn.Module<Tensor, Tensor>
    {
        private readonly BatchNormalization _shared;

        internal BatchNorm1d(long features, double eps, double momentum, bool affine, bool track, Device device, ScalarType? dtype)
            : base(nameof(BatchNorm1d)) => _shared = new(this, features, eps, momentum, affine, track, device, dtype);

        public override Tensor forward(Tensor input)
        {
            if (input.dim() is not (2 or 3))
                throw new ArgumentException($"BatchNorm1d expects 2 or 3 dimensions, got {input.dim()}.", nameof(input));
            return _shared.Apply(input, training);
        }
    }

    public sealed class BatchNorm2d : nn.Module<Tensor, Tensor>
    {
        private readonly BatchNormalization _shared;

        internal BatchNorm2d(long features, double eps, double momentum, bool affine, bool track, Device device, ScalarType? dtype)
            : base(nameof(BatchNorm2d)) => _shared = new(this, features, eps, momentum, affine, track, device, dtype);

        public override Tensor forward(Tensor input)
        {
            if (input.dim() != 4)
                throw new ArgumentException($"BatchNorm2d expects 4 dimensions, got {input.dim()}.", nameof(input));
            return _shared.Apply(input, training);
        }
    }
}
