using System;
using System.Linq;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp
{
    public enum PaddingModes
    {
        Zeros = 0,
        Reflect = 1,
        Replicate = 2,
        Circular = 3,
        Constant = 4,
    }

    public enum Padding
    {
        Valid = 0,
        Same = 1,
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, Twice(kernel_size), Twice(stride), Twice(padding), null, Twice(dilation), padding_mode,
                    groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Pair(kernel_size, 1), Pair(stride, 1), Pair(padding, 0), null, Pair(dilation, 1),
                    padding_mode, groups, bias, device, dtype);

            public static Modules.Conv2d Conv2d(
                long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1,
                PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device device = null,
                ScalarType? dtype = null) =>
                new(in_channels, out_channels, Twice(kernel_size), Twice(stride), null, padding, Twice(dilation), padding_mode, groups,
                    bias, device, dtype);

            public static Modules.ConvTranspose2d ConvTranspose2d(
                long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0,
                long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true,
                Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Twice(kernel_size), Twice(stride), Twice(padding), Twice(output_padding),
                    Twice(dilation), padding_mode, groups, bias, device, dtype);

            public static Modules.ConvTranspose2d ConvTranspose2d(
                long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null,
                (long, long)? output_padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros,
                long groups = 1, bool bias = true, Device device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Pair(kernel_size, 1), Pair(stride, 1), Pair(padding, 0), Pair(output_padding, 0),
                    Pair(dilation, 1), padding_mode, groups, bias, device, dtype);

            private static long[] Twice(long value) => [value, value];
            private static long[] Pair((long, long)? value, long missing) => value is null ? [missing, missing] : [value.Value.Item1, value.Value.Item2];

            public static partial class functional
            {
                public static Tensor conv2d(
                    Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] dilation = null,
                    long groups = 1) =>
                    Aten.conv2d.Call(input, weight, bias, strides ?? [1], padding ?? [0], dilation ?? [1], groups);

                public static Tensor conv_transpose2d(
                    Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null,
                    long[] output_padding = null, long[] dilation = null, long groups = 1) =>
                    Aten.conv_transpose2d_input.Call(
                        input, weight, bias, strides ?? [1], padding ?? [0], output_padding ?? [0], groups, dilation ?? [1]);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Weights of a convolution, drawn as PyTorch draws them.</summary>
    public abstract class Convolution : nn.Module<Tensor, Tensor>
    {
        private protected Convolution(
            string name, long[] weightShape, long outChannels, long inChannels, long groups, bool bias, Device device, ScalarType? dtype) : base(name)
        {
            if (inChannels % groups != 0 || outChannels % groups != 0)
                throw new ArgumentException($"{inChannels} and {outChannels} channels cannot be split into {groups} groups.", nameof(groups));
            using var scope = NewDisposeScope();
            Weight = new Parameter(empty(weightShape, dtype, device));
            nn.init.kaiming_uniform_(Weight, Math.Sqrt(5));
            register_parameter("weight", Weight);
            if (!bias)
                return;
            Bias = new Parameter(empty(outChannels, dtype, device));
            double bound = 1 / Math.Sqrt(nn.init.CalculateFanInAndFanOut(Weight).fanIn);
            nn.init.uniform_(Bias, -bound, bound);
            register_parameter("bias", Bias);
        }

        private protected Parameter Weight { get; }
        private protected Parameter Bias { get; }
    }

    public sealed class Conv2d : Convolution
    {
        private readonly long[] _stride;
        private readonly long[] _padding;
        private readonly long[] _dilation;
        private readonly Padding? _paddingType;
        private readonly PaddingModes _paddingMode;
        private readonly long _groups;

        internal Conv2d(
            long inChannels, long outChannels, long[] kernel, long[] stride, long[] padding, Padding? paddingType, long[] dilation,
            PaddingModes paddingMode, long groups, bool bias, Device device, ScalarType? dtype)
            : base(nameof(Conv2d), [outChannels, inChannels / groups, .. kernel], outChannels, inChannels, groups, bias, device, dtype)
        {
            if (paddingMode != PaddingModes.Zeros && padding is null)
                throw new NotSupportedException("Padding by name is only done with zeros in the offline subset of TorchSharp.");
            _stride = stride;
            _padding = padding;
            _paddingType = paddingType;
            _paddingMode = paddingMode;
            _dilation = dilation;
            _groups = groups;
        }

        public override Tensor forward(Tensor input)
        {
            if (_paddingType is not null)
                return Aten.conv2d_padding.Call(
                    input, Weight, Bias, _stride, _paddingType == Padding.Same ? "same" : "valid", _dilation, _groups);
            if (_paddingMode == PaddingModes.Zeros)
                return Aten.conv2d.Call(input, Weight, Bias, _stride, _padding, _dilation, _groups);
            using Tensor padded = nn.functional.pad(input, _padding.Reverse().SelectMany(p => new[] { p, p }).ToArray(), _paddingMode);
            return Aten.conv2d.Call(padded, Weight, Bias, _stride, new long[] { 0, 0 }, _dilation, _groups);
        }
    }

    public sealed class ConvTranspose2d : Convolution
    {
        private readonly long[] _stride;
        private readonly long[] _padding;
        private readonly long[] _outputPadding;
        private readonly long[] _dilation;
        private readonly long _groups;

        internal ConvTranspose2d(
            long inChannels, long outChannels, long[] kernel, long[] stride, long[] padding, long[] outputPadding, long[] dilation,
            PaddingModes paddingMode, long groups, bool bias, Device device, ScalarType? dtype)
            : base(nameof(ConvTranspose2d), [inChannels, outChannels / groups, .. kernel], outChannels, inChannels, groups, bias, device, dtype)
        {
            if (paddingMode != PaddingModes.Zeros)
                throw new ArgumentException("Only zeros can pad a transposed convolution.", nameof(paddingMode));
            _stride = stride;
            _padding = padding;
            _outputPadding = outputPadding;
            _dilation = dilation;
            _groups = groups;
        }

        public override Tensor forward(Tensor input) =>
            Aten.conv_transpose2d_input.Call(input, Weight, Bias, _stride, _padding, _outputPadding, _groups, _dilation);
    }
}
