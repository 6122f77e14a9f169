using System;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>The motion by tensor operations, for other devices and for weights that are not contiguous.</summary>
internal sealed class StiefelTensorMotion(WeightStep step) : StiefelMotion(step)
{
    public override void MakeTangent()
    {
        Tensor w = OrthogonalScheme.Tall(Owner.Weight), p = Tall(Momentum), product = w.t().matmul(p);
        p.sub_(w.matmul((product + product.t()) * 0.5));
        Return(p);
    }

    protected override (bool Converged, int Iterations) Shake(double time)
    {
        Tensor w = OrthogonalScheme.Tall(Owner.Weight), p = Tall(Momentum), target = w + (p * time);
        Tensor one = eye(w.shape[1], dtype: w.dtype, device: w.device);
        Tensor excess = target.t().matmul(target) - one, lambda = excess * 0.5;
        double residual = Largest(excess.abs()), change = LongestRow(lambda), before = 0;
        int iterations = 0;
        bool done = residual <= Tolerance || Next(change, 0, LongestColumn((int)w.shape[1], time, LongestRow(p.t()), change)) <= Tolerance;
        Tensor? x = done ? null : w.t().matmul(target) - one;
        for (; x is not null; iterations++)
        {
            Tensor left = x - (lambda * 0.5);
            if (residual <= Tolerance || Next(change, before, LongestRow(left.t())) <= Tolerance)
                break;
            if (iterations == Owner.Constraint.MaxIterations || !(residual <= Diverged))
                return (false, iterations);
            before = LongestRow(lambda);
            Tensor product = lambda.matmul(left), rest = excess - (lambda * 2) - product - product.t();
            lambda = lambda.add(rest, 0.5);
            (residual, change) = (Largest(rest.abs()), 0.5 * LongestRow(rest));
        }

        p.add_(w.matmul(lambda), -1 / time);
        Tensor moved = w + (p * time);
        Owner.Weight.copy_((OrthogonalScheme.IsWide(Owner.Weight) ? moved.t() : moved).reshape(Owner.Weight.shape));
        Return(p);
        return (true, iterations);
    }

    private static double Largest(Tensor values) => values.max().to(ScalarType.Float64).item<double>();

    private static double LongestRow(Tensor matrix) => Math.Sqrt(Largest((matrix * matrix).sum(1)));

    // A copy: whether reshape shares memory depends on the strides.
    private Tensor Tall(Tensor momentum) => OrthogonalScheme.Tall(momentum.reshape(Owner.Weight.shape)).clone();

    private void Return(Tensor p) => Momentum.copy_((OrthogonalScheme.IsWide(Owner.Weight) ? p.t() : p).reshape(Momentum.shape));
}
