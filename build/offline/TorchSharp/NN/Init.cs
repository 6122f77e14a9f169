using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Initial values, written into the given tensor.</summary>
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2.0),
                NonlinearityType.LeakyReLU => Math.Sqrt(2.0 / (1 + param * param)),
                _ => 1.0,
            };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                long[] shape = tensor.shape;
                if (shape.Length < 2)
                    throw new ArgumentException("Fan in and fan out need a tensor of two dimensions at least.", nameof(tensor));
                long field = 1;
                for (int i = 2; i < shape.Length; i++)
                    field *= shape[i];
                return (shape[1] * field, shape[0] * field);
            }

            private static Tensor Quietly(Func<Tensor> fill)
            {
                using (no_grad())
                    return fill();
            }

            public static Tensor zeros_(Tensor tensor) => Quietly(tensor.zero_);
            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);
            public static Tensor constant_(Tensor tensor, Scalar val) => Quietly(() => tensor.fill_(val));
            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator generator = null) =>
                Quietly(() => tensor.uniform_(low, high, generator));
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator generator = null) =>
                Quietly(() => tensor.normal_(mean, std, generator));

            public static Tensor eye_(Tensor tensor)
            {
                using Tensor identity = eye(tensor.size(0), tensor.size(1), tensor.dtype, tensor.device);
                return Quietly(() => tensor.copy_(identity));
            }

            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                using (no_grad())
                using (NewDisposeScope())
                {
                    long rows = tensor.size(0), columns = tensor.numel() / rows;
                    Tensor flat = empty([rows, columns], tensor.dtype, tensor.device).normal_();
                    var (q, r) = linalg.qr(rows < columns ? flat.t() : flat);
                    q = q * r.diagonal().sign();
                    tensor.view(rows, columns).copy_(rows < columns ? q.t() : q).mul_(gain);
                    return tensor;
                }
            }

            public static Tensor kaiming_uniform_(
                Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                double bound = Math.Sqrt(3.0) * Spread(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(
                Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, Spread(tensor, a, mode, nonlinearity));

            private static double Spread(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                double bound = Math.Sqrt(3.0) * gain * Math.Sqrt(2.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            /// <remarks>Upstream draws uniformly here too.</remarks>
            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);
        }
    }
}
