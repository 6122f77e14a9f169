using System;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What Adam and AdamW have in common.</summary>
internal static class AdamStep
{
    internal static void Check(double lr, double beta1, double beta2, double eps, double weightDecay)
    {
        if (lr < 0)
            throw new ArgumentException($"A learning rate cannot be negative: {lr}.", nameof(lr));
        if (beta1 is < 0 or >= 1)
            throw new ArgumentException($"beta1 lies in [0, 1): {beta1}.", nameof(beta1));
        if (beta2 is < 0 or >= 1)
            throw new ArgumentException($"beta2 lies in [0, 1): {beta2}.", nameof(beta2));
        if (eps < 0)
            throw new ArgumentException($"eps cannot be negative: {eps}.", nameof(eps));
        if (weightDecay < 0)
            throw new ArgumentException($"A weight decay cannot be negative: {weightDecay}.", nameof(weightDecay));
    }

    internal static void Update(
        Parameter parameter, Tensor grad, Tensor mean, Tensor square, Tensor largest, long step, double rate, double beta1, double beta2, double eps)
    {
        mean.mul_(beta1).add_(grad, 1 - beta1);
        square.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
        if (largest is not null)
            largest.copy_(largest.maximum(square));
        double unbias = Math.Sqrt(1 - Math.Pow(beta2, step));
        Tensor divisor = (largest ?? square).sqrt().div_(unbias).add_(eps);
        parameter.addcdiv_(mean, divisor, -rate / (1 - Math.Pow(beta1, step)));
    }
}
