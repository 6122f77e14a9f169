using System;
using Microsoft.ML.Constrained.Combinatorial;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A layer from costs to the decisions of an exact combinatorial solver, with a <see cref="BackwardRule"/> that stands in for its
/// derivative (Vlastelica et al. 2020, Sahoo et al. 2023 and others).
/// </summary>
/// <remarks>
/// <para>
/// Costs are float32 or float64; either way they are solved as float32 values, recorded or not, and the decisions are of the costs' type.
/// Tensors of another device are solved on the CPU and moved back. Under <c>no_grad</c>, or where nothing needs a gradient, nothing is
/// kept. A row without a usable decision, such as one with a NaN, has a zero decision and a zero gradient, and does not touch the others.
/// </para>
/// <para>
/// After <c>train()</c> the margins act and rules that draw noise draw it; after <c>eval()</c> neither, unless
/// <see cref="BlackboxSolverLayerOptions.SampleInEvaluation"/> is set. A margin is a constant to the gradient.
/// </para>
/// <para>
/// State: the buffer RandomState, the layer's own generator: a layer that loads it draws what the saved one would have drawn next.
/// <c>backward</c> never throws: see <see cref="LayerDiagnostics.BackwardFailures"/>. There are no second derivatives: one that is asked
/// for is NaN, and the next forward pass throws. Several layers may share a solver and a rule, also at once on several threads.
/// </para>
/// </remarks>
public sealed class BlackboxSolverLayer : nn.Module<Tensor, Tensor>
{
    private readonly WorkspacePool<BlackboxSolverWorkspace> _pool = new();
    private readonly BlackboxSolverLayerOptions _options;
    private readonly BlackboxSolverRandom _random;
    private double _noiseMargin;
    private double _informedMargin;

    /// <summary>A layer.</summary>
    /// <param name="solver">The solver, for example a <see cref="GridShortestPathSolver"/> or a <see cref="DelegateSolver"/>.</param>
    /// <param name="rule">What stands in for the solver's derivative.</param>
    /// <param name="options">Margins, seed and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The rule cannot work with the solver, or an option is outside its range.</exception>
    public BlackboxSolverLayer(ICombinatorialSolver solver, BackwardRule rule, BlackboxSolverLayerOptions? options = null)
        : base(nameof(BlackboxSolverLayer))
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(rule);
        rule.Check(solver);
        _options = options ?? new BlackboxSolverLayerOptions();
        _options.Validate();
        (_noiseMargin, _informedMargin) = (_options.NoiseMargin, _options.InformedMargin);
        Solver = solver;
        Rule = rule;
        _random = new BlackboxSolverRandom(this, _options.Seed);
        RegisterComponents();
    }

    /// <summary>What decides.</summary>
    public ICombinatorialSolver Solver { get; }

    /// <summary>What stands in for the solver's derivative.</summary>
    public BackwardRule Rule { get; }

    /// <summary>The noise margin of training, for example to be set to 0 for the last epochs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double NoiseMargin
    {
        get => _noiseMargin;
        set => _noiseMargin = BlackboxSolverLayerOptions.CheckMargin(value, nameof(NoiseMargin));
    }

    /// <summary>The informed margin of training.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double InformedMargin
    {
        get => _informedMargin;
        set => _informedMargin = BlackboxSolverLayerOptions.CheckMargin(value, nameof(InformedMargin));
    }

    /// <summary>Statuses of the last forward pass, what backward passes met with, and what solving took.</summary>
    public BlackboxSolverDiagnostics Diagnostics { get; } = new();

    /// <summary>The decisions for costs.</summary>
    /// <param name="input">The costs, … × <see cref="ICombinatorialSolver.Dimension"/>.</param>
    /// <returns>The decisions in the same shape; with a rule of several samples, their mean.</returns>
    /// <exception cref="ArgumentException">The shape or type does not fit.</exception>
    /// <exception cref="InvalidOperationException">
    /// The informed margin needs the right decisions, or a row has no decision and <see cref="BlackboxSolverLayerOptions.ThrowIfUnsolved"/> is set.
    /// </exception>
    /// <exception cref="NotSupportedException">A gradient of this layer was differentiated again.</exception>
    public override Tensor forward(Tensor input)
    {
        if (training && _informedMargin > 0)
            throw new InvalidOperationException("The informed margin needs the right decisions in training: pass them as a second input, or set InformedMargin to 0.");
        return Run(input, null);
    }

    /// <summary>The decisions for costs of which the right decisions are known.</summary>
    /// <param name="input">The costs, … × <see cref="ICombinatorialSolver.Dimension"/>.</param>
    /// <param name="targets">The right decisions, 0 or 1, in the same shape; only the informed margin reads them, in training.</param>
    /// <returns>The decisions in the same shape.</returns>
    /// <exception cref="ArgumentException">A shape or type does not fit.</exception>
    /// <exception cref="InvalidOperationException">A row has no decision and <see cref="BlackboxSolverLayerOptions.ThrowIfUnsolved"/> is set.</exception>
    /// <exception cref="NotSupportedException">A gradient of this layer was differentiated again.</exception>
    public Tensor forward(Tensor input, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        return Run(input, targets);
    }

    private Tensor Run(Tensor input, Tensor? targets)
    {
        ArgumentNullException.ThrowIfNull(input);
        Diagnostics.ThrowIfDifferentiatedTwice();
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = BlackboxSolverRows.From(input, nameof(input), Solver.Dimension);
        Tensor? right = targets is null ? null : BlackboxSolverRows.Beside(targets, nameof(targets), input, Solver.Dimension).detach();
        bool samples = training || _options.SampleInEvaluation;
        bool rule = samples || !Rule.DrawsNoise;
        double noiseMargin = training ? _noiseMargin : 0, informedMargin = training ? _informedMargin : 0;
        RandomSource? random = noiseMargin > 0 || (rule && Rule.DrawsNoise) ? _random.Read() : null;
        var call = new BlackboxSolverCall(_pool, Diagnostics, random)
        {
            Solver = Solver,
            Rule = rule ? Rule : null,
            NoiseMargin = noiseMargin,
            InformedMargin = informedMargin,
            NegativeCosts = _options.NegativeCosts,
            Threads = _options.Threads,
        };
        Tensor output = rule && is_grad_enabled() && input.requires_grad ? Recorded(call, rows, right) : Plain(call, rows, right);
        if (random is not null)
            _random.Write(random);
        Diagnostics.Forward(call.Status);
        if (_options.ThrowIfUnsolved)
            ThrowIfUnsolved(call.Status);
        if (output.dtype != input.dtype)
            output = output.to(input.dtype);
        return scope.MoveToOuter(output.reshape(input.shape).to(input.device));
    }

    private static Tensor Recorded(BlackboxSolverCall call, Tensor rows, Tensor? targets) => call.InformedMargin > 0
        ? BlackboxSolverFunction.apply(call, rows, targets!)
        : BlackboxSolverFunction.apply(call, rows);

    private static Tensor Plain(BlackboxSolverCall call, Tensor rows, Tensor? targets)
    {
        using IDisposable off = no_grad();
        return call.Solve(rows, targets);
    }

    private static void ThrowIfUnsolved(SolverStatus[] statuses)
    {
        for (int i = 0; i < statuses.Length; i++)
        {
            if (!RuleHelper.IsUsable(statuses[i]))
                throw new InvalidOperationException($"Row {i} of {statuses.Length} has no decision ({statuses[i]}), and ThrowIfUnsolved is set.");
        }
    }
}
