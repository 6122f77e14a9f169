using System;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// The model of Amos and Kolter (2017), section 4.4: the one-hot board z of 64 elements closest to the clues, z ≥ 0 and Az = b with
/// A and b to be learned. As b = A·exp(w), the point exp(w) satisfies all constraints whatever is learned.
/// </summary>
internal sealed class SudokuModel : IDisposable
{
    private const int Elements = 64;

    /// <summary>As many as there are independent rules: too few would let wrong boards pass.</summary>
    private const int Equalities = 40;

    /// <summary>
    /// Below nearly all gradients, so that their directions count and not their lengths: one batch of nearly degenerate boards could
    /// otherwise throw back what was learned, and the large gradients of the first steps would slow Adam down for long.
    /// </summary>
    private const double LargestGradient = 0.005;

    private readonly QuadraticProgramLayer _layer;
    private readonly TorchSharp.Modules.Adam _adam;
    private readonly Stopwatch _forward = new(), _backward = new(), _step = new();

    public SudokuModel(Random random)
    {
        double[] start = [.. Enumerable.Range(0, Equalities * Elements).Select(_ => random.NextDouble())];
        using Tensor q = eye(Elements, Elements, ScalarType.Float64), g = eye(Elements, Elements, ScalarType.Float64);
        using Tensor a = tensor(start, [Equalities, Elements]);
        q.mul_(0.1);
        g.neg_();
        _layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = Elements,
            Inequalities = Elements,
            Equalities = Equalities,
            Q = QuadraticProgramTerm.Fixed(q),
            P = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Fixed(g),
            A = QuadraticProgramTerm.Learnable(a),
            B = QuadraticProgramTerm.Feasible,
            FeasiblePointMap = PositiveMap.Exp,
        });
        _adam = optim.Adam(_layer.parameters(), 0.1, 0.9, 0.999, 1e-8, 0, false, false);
    }

    /// <summary>Milliseconds spent so far on solving, on gradients and on Adam.</summary>
    public (double Forward, double Backward, double Adam) Milliseconds =>
        (_forward.Elapsed.TotalMilliseconds, _backward.Elapsed.TotalMilliseconds, _step.Elapsed.TotalMilliseconds);

    /// <summary>One step of Adam on a batch; gives its mean squared error before the step.</summary>
    public double Learn(Tensor costs, Tensor solutions, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _adam.ParamGroups)
            group.LearningRate = learningRate;
        _adam.zero_grad();
        _forward.Start();
        Tensor loss = nn.functional.mse_loss(_layer.forward(costs), solutions);
        _forward.Stop();
        _backward.Start();
        loss.backward();
        _backward.Stop();
        _step.Start();
        nn.utils.clip_grad_norm_(_layer.parameters(), LargestGradient);
        _adam.step();
        _step.Stop();
        return loss.item<double>();
    }

    /// <summary>The relaxed boards, 64 elements each.</summary>
    public double[] Solve(Tensor costs)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return _layer.forward(costs).data<double>().ToArray();
    }

    /// <summary>
    /// For each true rule, the combination of the learned constraints that is nearest to it: its 64 coefficients, its right-hand
    /// side, and how far from the rule it is, relative to the rule's length.
    /// </summary>
    public (double[] Coefficients, double Right, double Distance)[] Nearest()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        var rules = new double[(Elements + 1) * SudokuRules.All.Count];
        for (int j = 0; j < SudokuRules.All.Count; j++)
        {
            foreach (int i in SudokuRules.All[j].Elements)
                rules[(i * SudokuRules.All.Count) + j] = 1;
            rules[(Elements * SudokuRules.All.Count) + j] = 1;
        }

        Tensor a = _layer.get_parameter("A")!;
        Tensor b = a.matmul(_layer.get_parameter("FeasiblePoint")!.exp());
        Tensor learned = cat([a, b.unsqueeze(1)], 1).mT;
        Tensor wanted = tensor(rules, [Elements + 1, SudokuRules.All.Count]);
        Tensor nearest = learned.matmul(linalg.lstsq(learned, wanted).Solution);
        double[] distances = ((nearest - wanted).norm(0, false, 2f) / wanted.norm(0, false, 2f)).data<double>().ToArray();
        double[] values = nearest.mT.contiguous().data<double>().ToArray();
        return [.. distances.Select((distance, j) =>
            (values[(j * (Elements + 1))..((j * (Elements + 1)) + Elements)], values[(j * (Elements + 1)) + Elements], distance))];
    }

    public void Dispose()
    {
        _adam.Dispose();
        _layer.Dispose();
    }
}
