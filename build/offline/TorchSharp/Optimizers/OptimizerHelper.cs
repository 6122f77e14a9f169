using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// What optimizers written in managed code share. Stored: the type's name, the numbers of groups and of parameters (LEB128), then
/// each group's options, then each parameter's state.
/// </summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults;
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public OptimizerHelper() : base(IntPtr.Zero) { }

    public override IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(g => g.Parameters);

    public override void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

    public override void zero_grad()
    {
        foreach (Parameter parameter in parameters())
        {
            using Tensor grad = parameter.grad;
            grad?.zero_();
        }
    }

    /// <summary>Runs the update of each group without recording, in a dispose scope; the closure before it, with recording.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor> loss_closure = null) where T : ParamGroup
    {
        Tensor loss = null;
        if (loss_closure is not null)
            using (enable_grad())
                loss = loss_closure();
        using (no_grad())
        using (NewDisposeScope())
            foreach (ParamGroup group in _parameter_groups)
                body(group as T);
        return loss;
    }

    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        int next = 0;
        foreach (ParamGroup group in _parameter_groups)
        {
            result.Options.Add(group.Options);
            var indices = new List<int>();
            foreach (Parameter parameter in group.Parameters)
            {
                indices.Add(next++);
                result.State.Add(_state[parameter.Handle]);
            }
            result.StateIndexRef.Add(indices);
        }
        return result;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        StateDictionary own = this.state_dict();
        CheckCounts(own, state_dict.Options.Count, state_dict.State.Count);
        for (int i = 0; i < own.Options.Count; i++)
            if (!ReferenceEquals(own.Options[i], state_dict.Options[i]))
                own.Options[i].LoadStateDict(state_dict.Options[i]);
        for (int i = 0; i < own.State.Count; i++)
            if (!ReferenceEquals(own.State[i], state_dict.State[i]))
                own.State[i].LoadStateDict(state_dict.State[i]);
    }

    private static void CheckCounts(StateDictionary own, long groups, long parameters)
    {
        if (groups != own.Options.Count)
            throw new ArgumentException($"Invalid optimizer state: {groups} parameter groups instead of {own.Options.Count}.");
        if (parameters != own.State.Count)
            throw new ArgumentException($"Invalid optimizer state: {parameters} parameters instead of {own.State.Count}.");
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        StateDictionary own = state_dict();
        writer.Write(GetType().Name);
        writer.Encode(own.Options.Count);
        writer.Encode(own.State.Count);
        foreach (OptimizerOptions options in own.Options)
            options.SaveStateDict(writer);
        foreach (OptimizerState state in own.State)
            state.SaveStateDict(writer);
    }

    public void load_state_dict(BinaryReader reader)
    {
        string name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but the stream holds '{name}'.");
        StateDictionary own = state_dict();
        long groups = reader.Decode(), count = reader.Decode();
        CheckCounts(own, groups, count);
        foreach (OptimizerOptions options in own.Options)
            options.LoadStateDict(reader);
        foreach (OptimizerState state in own.State)
            state.LoadStateDict(reader);
    }

    public void to(Device device)
    {
        foreach (Parameter parameter in parameters())
            if (_state.TryGetValue(parameter.Handle, out OptimizerState state))
                state.to(device);
    }

    private protected void DisposeState(bool disposing)
    {
        if (disposing)
            foreach (OptimizerState state in _state.values())
                (state as IDisposable)?.Dispose();
        _state.Clear();
    }
}

/// <summary>What a group of parameters is trained with; null means the optimizer's own.</summary>
public class OptimizerOptions
{
    public double? LearningRate { get; set; }
    public double InitialLearningRate { get; set; }

    public virtual void SaveStateDict(BinaryWriter writer)
    {
        writer.Write(InitialLearningRate);
        writer.Write(LearningRate.Value);
    }

    public virtual void LoadStateDict(BinaryReader reader)
    {
        InitialLearningRate = reader.ReadDouble();
        LearningRate = reader.ReadDouble();
    }

    public virtual void LoadStateDict(OptimizerOptions source)
    {
        InitialLearningRate = source.InitialLearningRate;
        LearningRate = source.LearningRate;
    }
}

/// <summary>What an optimizer remembers of one parameter.</summary>
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter) => _parameter = parameter;

    public abstract void Initialize(OptimizerOptions options);
    public abstract void SaveStateDict(BinaryWriter writer);
    public abstract void LoadStateDict(BinaryReader reader);
    public abstract void LoadStateDict(OptimizerState source);
    public virtual bool ApproximatelyEquals(OptimizerState other) => false;
    public virtual void to(Device device) { }

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor result, Device device)
    {
        if (!reader.ReadBoolean())
        {
            result?.Dispose();
            result = null;
            return;
        }
        TensorExtensionMethods.Load(ref result, reader);
        result = result.to(device, disposeAfter: true).DetachFromDisposeScope();
    }

    /// <summary>A copy of a state's tensor that no scope owns.</summary>
    private protected static Tensor Kept(Tensor tensor, Device device) => tensor?.to(device, copy: true).DetachFromDisposeScope();

    private protected static Tensor Moved(Tensor tensor, Device device) => tensor?.to(device, disposeAfter: true).DetachFromDisposeScope();

    private protected static bool Near(Tensor a, Tensor b) => a is null || b is null ? a is null && b is null : a.allclose(b);
}

/// <summary>Parameters that share options.</summary>
public class ParamGroup : optim.ILearningRateController
{
    public IEnumerable<Parameter> Parameters { get; set; }
    public OptimizerOptions Options { get; set; }

    public double LearningRate
    {
        get => Options.LearningRate.Value;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    public ParamGroup() { }

    public ParamGroup(IEnumerable<Parameter> parameters, TOptions options = null)
    {
        Parameters = parameters;
        base.Options = options;
    }

    public new TOptions Options
    {
        get => (TOptions)base.Options;
        set => base.Options = value;
    }
}
