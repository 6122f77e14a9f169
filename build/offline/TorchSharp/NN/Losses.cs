using System;
using TorchSharp.Modules;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public enum Reduction : long
            {
                None = 0,
                Mean = 1,
                Sum = 2,
            }

            public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);
            public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);
            public static SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1.0) => new(reduction, beta);
            public static HuberLoss HuberLoss(double delta = 1.0, Reduction reduction = Reduction.Mean) => new(delta, reduction);
            public static CrossEntropyLoss CrossEntropyLoss(
                Tensor weight = null, long? ignore_index = null, Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);
            public static NLLLoss NLLLoss(Tensor weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);
            public static BCELoss BCELoss(Tensor weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);
            public static BCEWithLogitsLoss BCEWithLogitsLoss(
                Tensor weight = null, Reduction reduction = Reduction.Mean, Tensor pos_weights = null) => new(weight, reduction, pos_weights);
            public static KLDivLoss KLDivLoss(bool log_target = true, Reduction reduction = Reduction.Mean) => new(log_target, reduction);

            public static partial class functional
            {
                public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                    Aten.mse_loss.Call(input, target, (long)reduction);
                public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                    Aten.l1_loss.Call(input, target, (long)reduction);
                public static Tensor smooth_l1_loss(
                    Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                    Aten.smooth_l1_loss.Call(input, target, (long)reduction, beta);
                public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1.0, Reduction reduction = Reduction.Mean) =>
                    Aten.huber_loss.Call(input, target, (long)reduction, delta);
                public static Tensor cross_entropy(
                    Tensor input, Tensor target, Tensor weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean,
                    double label_smoothing = 0.0) =>
                    Aten.cross_entropy_loss.Call(input, target, weight, (long)reduction, ignore_index, label_smoothing);
                public static Tensor nll_loss(Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean) =>
                    Aten.nll_loss_nd.Call(input, target, weight, (long)reduction);
                public static Tensor binary_cross_entropy(
                    Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean)
                {
                    RequireSameShape(input, target);
                    return Aten.binary_cross_entropy.Call(input, target, weight, (long)reduction);
                }

                public static Tensor binary_cross_entropy_with_logits(
                    Tensor input, Tensor target, Tensor weight = null, Reduction reduction = Reduction.Mean, Tensor pos_weights = null) =>
                    Aten.binary_cross_entropy_with_logits.Call(input, target, weight, pos_weights, (long)reduction);
                public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                    Aten.kl_div.Call(input, target, (long)reduction, log_target);

                /// <remarks>libtorch's C++ layer refuses here, with this text; its operator would broadcast.</remarks>
                private static void RequireSameShape(Tensor input, Tensor target)
                {
                    if (!((ReadOnlySpan<long>)input.shape).SequenceEqual(target.shape))
                        throw new System.Runtime.InteropServices.ExternalException(
                            $"Using a target size ([{string.Join(", ", target.shape)}]) that is different to the input size "
                            + $"([{string.Join(", ", input.shape)}]) is deprecated. Please ensure they have the same size.");
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class MSELoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly nn.Reduction _reduction;
        public MSELoss(nn.Reduction reduction = nn.Reduction.Mean) : base(nameof(MSELoss)) => _reduction = reduction;
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.mse_loss(input, target, _reduction);
    }

    public sealed class L1Loss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly nn.Reduction _reduction;
        public L1Loss(nn.Reduction reduction = nn.Reduction.Mean) : base(nameof(L1Loss)) => _reduction = reduction;
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.l1_loss(input, target, _reduction);
    }

    public sealed class SmoothL1Loss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly nn.Reduction _reduction;

        public SmoothL1Loss(nn.Reduction reduction = nn.Reduction.Mean, double beta = 1.0) : base(nameof(SmoothL1Loss))
        {
            _reduction = reduction;
            this.beta = beta;
        }

        public double beta { get; }
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.smooth_l1_loss(input, target, _reduction, beta);
    }

    public sealed class HuberLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly nn.Reduction _reduction;

        public HuberLoss(double delta = 1.0, nn.Reduction reduction = nn.Reduction.Mean) : base(nameof(HuberLoss))
        {
            _reduction = reduction;
            this.delta = delta;
        }

        public double delta { get; }
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.huber_loss(input, target, delta, _reduction);
    }

    public sealed class CrossEntropyLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Tensor _weight;
        private readonly nn.Reduction _reduction;

        public CrossEntropyLoss(
            Tensor weight = null, long? ignore_index = null, nn.Reduction reduction = nn.Reduction.Mean, double label_smoothing = 0.0)
            : base(nameof(CrossEntropyLoss))
        {
            _weight = weight;
            _reduction = reduction;
            this.ignore_index = ignore_index;
            this.label_smoothing = label_smoothing;
        }

        public long? ignore_index { get; }
        public double label_smoothing { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            nn.functional.cross_entropy(input, target, _weight, ignore_index ?? -100, _reduction, label_smoothing);
    }

    public sealed class NLLLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Tensor _weight;
        private readonly nn.Reduction _reduction;

        public NLLLoss(Tensor weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(nameof(NLLLoss))
        {
            _weight = weight;
            _reduction = reduction;
        }

        public override Tensor forward(Tensor input, Tensor target) => nn.functional.nll_loss(input, target, _weight, _reduction);
    }

    public sealed class BCELoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Tensor _weight;
        private readonly nn.Reduction _reduction;

        public BCELoss(Tensor weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(nameof(BCELoss))
        {
            _weight = weight;
            _reduction = reduction;
        }

        public override Tensor forward(Tensor input, Tensor target) =>
            nn.functional.binary_cross_entropy(input, target, _weight, _reduction);
    }

    public sealed class BCEWithLogitsLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Tensor _weight;
        private readonly nn.Reduction _reduction;

        public BCEWithLogitsLoss(Tensor weight = null, nn.Reduction reduction = nn.Reduction.Mean, Tensor pos_weights = null)
            : base(nameof(BCEWithLogitsLoss))
        {
            _weight = weight;
            _reduction = reduction;
            this.pos_weights = pos_weights;
        }

        public Tensor pos_weights { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            nn.functional.binary_cross_entropy_with_logits(input, target, _weight, _reduction, pos_weights);
    }

    public sealed class KLDivLoss : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly nn.Reduction _reduction;

        public KLDivLoss(bool log_target = true, nn.Reduction reduction = nn.Reduction.Mean) : base(nameof(KLDivLoss))
        {
            this.log_target = log_target;
            _reduction = reduction;
        }

        public bool log_target { get; }
        public override Tensor forward(Tensor input, Tensor target) => nn.functional.kl_div(input, target, log_target, _reduction);
    }
}
