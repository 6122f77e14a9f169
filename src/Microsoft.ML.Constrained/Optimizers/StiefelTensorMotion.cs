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
        Tensor excess = target.t().matmul(target) - eye(w.shape[1], dtype: w.dtype, device: w.device), m = w.t().matmul(target), lambda = excess * 0.5;
        double residual = excess.abs().max().to(ScalarType.Float64).item<double>();
        int iterations = 0;
        while (!(residual <= Tolerance))
        {
            if (iterations == Owner.Constraint.MaxIterations || !(residual <= Diverged))
                return (false, iterations);
            iterations++;
            Tensor product = lambda.matmul(m - (lambda * 0.5)), rest = excess - product - product.t();
            lambda = lambda.add(rest, 0.5);
            residual = rest.abs().max().to(ScalarType.Float64).item<double>();
        }

        p.add_(w.matmul(lambda), -1 / time);
        Tensor moved = w + (p * time);
        Owner.Weight.copy_((OrthogonalScheme.IsWide(Owner.Weight) ? moved.t() : moved).reshape(Owner.Weight.shape));
        Return(p);
        return (true, iterations);
    }

    // A copy: whether reshape shares memory depends on the strides.
    private Tensor Tall(Tensor momentum) => OrthogonalScheme.Tall(momentum.reshape(Owner.Weight.shape)).clone();

    private void Return(Tensor p) => Momentum.copy_((OrthogonalScheme.IsWide(Owner.Weight) ? p.t() : p).reshape(Momentum.shape));
}
