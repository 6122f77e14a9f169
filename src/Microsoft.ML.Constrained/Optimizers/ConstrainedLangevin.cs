using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.ML.Constrained.LinearAlgebra;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// Langevin dynamics of weights under constraints on them (Leimkuhler, Pouchon, Vlaar and Storkey, ICML 2021), for any module: parameter groups each
/// with a <see cref="WeightConstraint"/>, options, learning-rate schedulers and saved states as TorchSharp's own optimizers have them.
/// At temperature 0 it is constrained gradient descent, with momentum unless overdamped.
/// </summary>
/// <remarks>
/// <para>
/// Underdamped, a step of size h (the learning rate) with the gradient at the present weights is B(h) A(h/2) O(h) A(h/2):
/// p ← p − hG; w ← w + (h/2)p; p ← cp + √(τ(1 − c²))·N with c = e^(−γh); w ← w + (h/2)p; each on the constraint and its tangent space. Positions are
/// those of the BAOAB scheme: their distribution ∝ e^(−V/τ) is exact to second order in h. An infinite friction is allowed.
/// Overdamped: w ← w − hG + √(2τh)·N along the constraint (Euler and Maruyama; first order in h). V is what the gradient belongs to, such as the
/// mean loss of a batch.
/// </para>
/// <para>
/// Without constraint at temperature 0 this is SGD with momentum c and learning rate h²(1 + c)/2: see <see cref="FromSgd"/>.
/// Momenta start at zero. Noise depends on seed, step and parameter only, so a run can be continued to the bit from the weights and
/// <c>save_state_dict</c>, and does not depend on threads. Contiguous CPU tensors are updated by managed kernels, in place;
/// others by the same formulas in tensor operations. Not thread-safe, like all optimizers.
/// </para>
/// </remarks>
public sealed partial class ConstrainedLangevin : OptimizerHelper
{
    /// <summary>An optimizer with one group.</summary>
    /// <param name="parameters">What to train; float32 or float64. Weights that do not obey the constraint are moved at once.</param>
    /// <param name="learningRate">h, at least 0.</param>
    /// <param name="temperature">τ, at least 0.</param>
    /// <param name="friction">γ, at least 0; not used where overdamped.</param>
    /// <param name="constraint">What to keep true of the parameters; null for nothing.</param>
    /// <param name="dynamics">With or without momentum.</param>
    /// <param name="weightDecay">Times the weights it is added to the gradient; at least 0.</param>
    /// <param name="seed">Of the noise.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a parameter cannot be made to obey; the message says which.</exception>
    public ConstrainedLangevin(
        IEnumerable<Parameter> parameters, double learningRate, double temperature = 0, double friction = 1, WeightConstraint? constraint = null,
        LangevinDynamics dynamics = LangevinDynamics.Underdamped, double weightDecay = 0, long seed = 0)
        : this([new ParamGroup(parameters, constraint)], learningRate, temperature, friction, dynamics, weightDecay, seed)
    {
    }

    /// <summary>An optimizer with several groups; see <see cref="WeightGroups"/> for the usual ones.</summary>
    /// <param name="groups">Groups; what their options leave open is taken from the other arguments.</param>
    /// <param name="learningRate">h, at least 0.</param>
    /// <param name="temperature">τ, at least 0.</param>
    /// <param name="friction">γ, at least 0; not used where overdamped.</param>
    /// <param name="dynamics">With or without momentum.</param>
    /// <param name="weightDecay">Times the weights it is added to the gradient; at least 0.</param>
    /// <param name="seed">Of the noise.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a parameter cannot be made to obey; the message says which.</exception>
    public ConstrainedLangevin(
        IEnumerable<ParamGroup> groups, double learningRate, double temperature = 0, double friction = 1,
        LangevinDynamics dynamics = LangevinDynamics.Underdamped, double weightDecay = 0, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var defaults = new Options
        {
            LearningRate = learningRate,
            InitialLearningRate = learningRate,
            Temperature = temperature,
            Friction = friction,
            Dynamics = dynamics,
            WeightDecay = weightDecay,
            Seed = seed,
        };
        defaults.Validate();
        _defaults = defaults;
        _parameter_groups = new List<TorchSharp.Modules.ParamGroup>();
        Add([.. groups]);
    }

    /// <summary>What happened that was not an error.</summary>
    public LangevinDiagnostics Diagnostics { get; } = new();

    /// <summary>What to do with gradients that are not finite; Throw by default.</summary>
    public NonFiniteGradients NonFiniteGradients { get; set; }

    /// <summary>Most threads of the managed kernels; 0 (the default) for as many as libtorch uses. Results do not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>Uses tensor operations on the CPU too: slow, for tests.</summary>
    internal bool AlwaysUseTensorOperations { get; set; }

    /// <summary>The momenta of a parameter as they are stored.</summary>
    internal Tensor Speed(Parameter parameter) => ((State)_state[parameter.Handle]).Velocity!;

    /// <summary>The step size and friction with which, unconstrained and at temperature 0, this is SGD with momentum.</summary>
    /// <param name="learningRate">SGD's learning rate, above 0.</param>
    /// <param name="momentum">SGD's momentum c, at least 0 and below 1.</param>
    /// <returns>h = √(2·learningRate/(1 + c)) and γ = −ln(c)/h.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static (double LearningRate, double Friction) FromSgd(double learningRate, double momentum)
    {
        if (!(learningRate > 0 && double.IsFinite(learningRate)))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "Expected a positive number.");
        if (!(momentum >= 0 && momentum < 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "Expected a number of at least 0 and below 1.");
        double step = Math.Sqrt(2 * learningRate / (1 + momentum));
        return (step, momentum == 0 ? double.PositiveInfinity : -Math.Log(momentum) / step);
    }

    /// <summary>Adds a group; its weights are moved onto their constraint at once.</summary>
    /// <param name="param_group">A <see cref="ParamGroup"/>.</param>
    /// <exception cref="ArgumentException">
    /// It is no <see cref="ParamGroup"/> of this optimizer, an option is out of range, or a parameter cannot be made to obey; the message says
    /// which, and nothing has changed.
    /// </exception>
    public override void add_param_group(TorchSharp.Modules.ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        if (param_group is not ParamGroup group)
            throw new ArgumentException($"The group is a {param_group.GetType()}; expected a {nameof(ConstrainedLangevin)}.{nameof(ParamGroup)}.", nameof(param_group));
        Add([group]);
    }

    /// <inheritdoc/>
    /// <exception cref="System.IO.InvalidDataException">
    /// The state is that of other dynamics, of another constraint, or of parameters of other shapes or types; nothing has changed.
    /// </exception>
    public override void load_state_dict(StateDictionary state_dict)
    {
        ArgumentNullException.ThrowIfNull(state_dict);
        StateDictionary own = this.state_dict();
        if (own.Options.Count == state_dict.Options.Count && own.State.Count == state_dict.State.Count)
        {
            for (int i = 0; i < own.Options.Count; i++)
                ((Options)own.Options[i]).CheckSaved(state_dict.Options[i]);
            for (int i = 0; i < own.State.Count; i++)
                ((State)own.State[i]).CheckSaved(state_dict.State[i]);
        }

        // Which fails where the numbers differ.
        base.load_state_dict(state_dict);
    }

    /// <summary>One step of all groups. Parameters without a gradient stay.</summary>
    /// <param name="closure">Computes the loss and its gradients first; may be null.</param>
    /// <returns>What the closure returned.</returns>
    /// <exception cref="ArgumentException">An option was set to a value out of range, or dynamics or constraint have changed; no parameter has.</exception>
    /// <exception cref="InvalidOperationException">
    /// A gradient is not finite and <see cref="NonFiniteGradients"/> says Throw; nothing has changed.
    /// </exception>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        bool finite = true;
        int number = 0;
        Tensor loss = _step<ParamGroup>(
            group =>
            {
                CheckOptions(group, number);
                finite &= AreFinite(group, number++);
            },
            closure!);
        if (!finite)
        {
            Diagnostics.SkippedSteps++;
            return loss;
        }

        Diagnostics.Status = SolverStatus.Solved;
        _step<ParamGroup>(group => Update(group, (scheme, step) => scheme.Step(step)));
        Diagnostics.Steps++;
        return loss;
    }

    /// <summary>
    /// Reverses time: a kick with the present gradients and a flip of the momenta, after which steps at temperature 0 and friction 0, with fresh
    /// gradients, lead back the way the weights came. (Between steps momenta are half a kick behind, so a flip alone would not do.)
    /// </summary>
    /// <exception cref="InvalidOperationException">A group is overdamped and has no momenta, or a gradient is not finite.</exception>
    public void ReverseTime()
    {
        int number = 0;
        _step<ParamGroup>(group =>
        {
            CheckOptions(group, number);
            if (group.Options.Dynamics == LangevinDynamics.Overdamped)
                throw new InvalidOperationException("Overdamped dynamics has no momenta to reverse.");
            if (!AreFinite(group, number++))
                throw new InvalidOperationException("A gradient is not finite, so time cannot be reversed.");
        });
        _step<ParamGroup>(group => Update(group, (scheme, step) => scheme.Reverse(step)));
    }

    /// <summary>How far weights and momenta are from their constraints now.</summary>
    public LangevinResiduals Residuals()
    {
        double position = 0, momentum = 0;
        _step<ParamGroup>(group =>
        {
            foreach (Parameter parameter in group.Parameters.Where(p => p.numel() > 0))
            {
                WeightConstraint constraint = group.Options.Constraint;
                LangevinResiduals one = WeightScheme.Of(constraint).Residuals(parameter, (State)_state[parameter.Handle], constraint);
                (position, momentum) = (Math.Max(position, one.Position), Math.Max(momentum, one.Momentum));
            }
        });
        return new(position, momentum);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            foreach ((_, OptimizerState state) in _state)
                ((State)state).Dispose();
        }

        _state.Clear();
    }

    private static bool IsFinite(Tensor gradient)
    {
        if (!RawTensor.IsManaged(gradient))
            return gradient.isfinite().all().cpu().item<bool>();
        return gradient.dtype == ScalarType.Float32
            ? SpanKernels.AllFinite<float>(MemoryMarshal.Cast<byte, float>(gradient.bytes))
            : SpanKernels.AllFinite<double>(MemoryMarshal.Cast<byte, double>(gradient.bytes));
    }

    /// <summary>Adds groups. All are checked before anything changes.</summary>
    private void Add(ParamGroup[] groups)
    {
        using IDisposable off = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var found = new LangevinDiagnostics();
        var taken = new HashSet<IntPtr>();
        var parameters = new Parameter[groups.Length][];
        var members = new List<(Parameter Parameter, Options Options, Tensor? Start)>();
        for (int g = 0; g < groups.Length; g++)
        {
            ArgumentNullException.ThrowIfNull(groups[g]);
            int number = _parameter_groups.Count + g;
            Options options = OptionsOf(groups[g]).Completed((Options)_defaults);
            options.Validate(number);
            parameters[g] = [.. groups[g].Parameters];
            for (int i = 0; i < parameters[g].Length; i++)
            {
                Parameter parameter = parameters[g][i];
                members.Add((parameter, options, Checked(parameter, $"parameter {i} of group {number}", options.Constraint, taken, found)));
            }
        }

        var states = new List<State>();
        try
        {
            foreach ((Parameter parameter, Options options, Tensor? start) in members)
            {
                if (start is not null)
                    parameter.copy_(start);
                states.Add(new State(parameter, _state.Count + states.Count));
                states[^1].Initialize(options);
            }
        }
        catch
        {
            states.ForEach(state => state.Dispose());
            throw;
        }

        for (int i = 0; i < states.Count; i++)
            _state[members[i].Parameter.Handle] = states[i];
        for (int g = 0; g < groups.Length; g++)
        {
            groups[g].Options = OptionsOf(groups[g]);
            groups[g].Options.Complete((Options)_defaults);
            groups[g].Parameters = parameters[g];
            _parameter_groups.Add(groups[g]);
        }

        Diagnostics.RankDeficient += found.RankDeficient;
        Diagnostics.Scaled += found.Scaled;
    }

    private static Options OptionsOf(TorchSharp.Modules.ParamGroup group) => group.Options switch
    {
        null => new Options(),
        Options options => options,
        OptimizerOptions other => throw new ArgumentException($"The options of a group are {other.GetType()}; expected {typeof(Options)}."),
    };

    /// <summary>The weights to start from where those of a new parameter do not obey, otherwise null.</summary>
    private Tensor? Checked(Parameter parameter, string name, WeightConstraint constraint, HashSet<IntPtr> taken, LangevinDiagnostics found)
    {
        if (parameter.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"The {name} is of type {parameter.dtype}; expected Float32 or Float64.");
        if (_state.ContainsKey(parameter.Handle) || !taken.Add(parameter.Handle))
            throw new ArgumentException($"The {name} is in another place of the groups too; each parameter belongs to one group.");
        return WeightScheme.Of(constraint).Start(parameter, name, constraint, found);
    }

    /// <summary>Options are open to changes between steps; no step is taken with those that make no sense.</summary>
    private void CheckOptions(ParamGroup group, int number)
    {
        OptionsOf(group).Validate(number);
        foreach (Parameter parameter in group.Parameters)
            ((State)_state[parameter.Handle]).CheckUnchanged(group.Options, number);
    }

    private bool AreFinite(ParamGroup group, int number)
    {
        int i = -1;
        foreach (Parameter parameter in group.Parameters)
        {
            i++;
            Tensor? gradient = parameter.grad;
            if (gradient is null || gradient.numel() == 0 || IsFinite(gradient))
                continue;
            if (NonFiniteGradients == NonFiniteGradients.SkipStep)
                return false;
            throw new InvalidOperationException(
                $"The gradient of parameter {i} of group {number}, of shape [{string.Join(", ", parameter.shape)}], holds a NaN or an infinity; no parameter was changed. "
                + "Use a smaller learning rate, or NonFiniteGradients = SkipStep to leave out such steps.");
        }

        return true;
    }

    private void Update(ParamGroup group, Action<WeightScheme, WeightStep> action)
    {
        Options o = group.Options;
        bool overdamped = o.Dynamics == LangevinDynamics.Overdamped;
        var scales = StepScales.Of(o.LearningRate!.Value, o.Temperature!.Value, o.Friction!.Value, o.WeightDecay!.Value, overdamped);
        WeightScheme scheme = WeightScheme.Of(o.Constraint);
        int threads = Threads > 0 ? Threads : get_num_threads();
        foreach (Parameter parameter in group.Parameters)
        {
            Tensor? gradient = parameter.grad;
            if (gradient is null || parameter.numel() == 0)
                continue;
            using DisposeScope scope = NewDisposeScope();
            var state = (State)_state[parameter.Handle];
            bool managed = !AlwaysUseTensorOperations && RawTensor.IsManaged(parameter);
            var noise = new NormalNoise((ulong)o.Seed!.Value, (ulong)state.Step, (ulong)state.Stream);
            action(scheme, new WeightStep(parameter, gradient.contiguous(), state, o.Constraint, scales, noise, Diagnostics, threads, managed));
            state.Step++;
        }
    }
}
