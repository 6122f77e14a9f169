using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(
                IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(
                IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(
                IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0,
                double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Gradient descent, with momentum if asked for.</summary>
    public class SGD : OptimizerHelper, optim.IMomentum
    {
        public SGD(
            IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize) { }

        public SGD(
            IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
        {
            if (lr < 0)
                throw new ArgumentException($"A learning rate cannot be negative: {lr}.", nameof(lr));
            if (momentum < 0)
                throw new ArgumentException($"A momentum cannot be negative: {momentum}.", nameof(momentum));
            if (weight_decay < 0)
                throw new ArgumentException($"A weight decay cannot be negative: {weight_decay}.", nameof(weight_decay));
            if (nesterov && (momentum <= 0 || dampening != 0))
                throw new ArgumentException("Nesterov momentum needs a momentum and no dampening.", nameof(nesterov));
            _defaults = new Options
            {
                LearningRate = lr,
                InitialLearningRate = lr,
                momentum = momentum,
                dampening = dampening,
                weight_decay = weight_decay,
                nesterov = nesterov,
                maximize = maximize,
            };
            _parameter_groups = new List<Modules.ParamGroup>();
            foreach (ParamGroup group in parameters)
                add_param_group(group);
        }

        public double Momentum
        {
            get => ((Options)_defaults).momentum.Value;
            set
            {
                foreach (Modules.ParamGroup group in _parameter_groups)
                    ((Options)group.Options).momentum = value;
            }
        }

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            var own = (Options)_defaults;
            var options = (Options)(param_group.Options ??= new Options());
            options.LearningRate ??= own.LearningRate;
            options.momentum ??= own.momentum;
            options.dampening ??= own.dampening;
            options.weight_decay ??= own.weight_decay;
            options.nesterov ??= own.nesterov;
            options.maximize ??= own.maximize;
            options.InitialLearningRate = options.LearningRate.Value;
            _parameter_groups.Add(param_group);
            foreach (Parameter parameter in param_group.Parameters)
            {
                var state = new State(parameter);
                _state[parameter.Handle] = state;
                state.Initialize(options);
            }
        }

        public override Tensor step(Func<Tensor> closure = null) => _step<ParamGroup>(group =>
        {
            Options o = group.Options;
            double rate = o.LearningRate.Value, momentum = o.momentum.Value;
            foreach (Parameter parameter in group.Parameters)
            {
                Tensor grad = parameter.grad;
                if (grad is null)
                    continue;
                if (o.maximize.Value)
                    grad = -grad;
                if (o.weight_decay.Value != 0)
                    grad = grad.add(parameter, o.weight_decay.Value);
                if (momentum != 0)
                {
                    var state = (State)_state[parameter.Handle];
                    if (state.momentum_buffer is null)
                        state.momentum_buffer = grad.clone().detach().DetachFromDisposeScope();
                    else
                        state.momentum_buffer.mul_(momentum).add_(grad, 1 - o.dampening.Value);
                    grad = o.nesterov.Value ? grad.add(state.momentum_buffer, momentum) : state.momentum_buffer;
                }
                parameter.add_(grad, -rate);
            }
        }, closure);

        protected override void Dispose(bool disposing) => DisposeState(disposing);

        public sealed class State : OptimizerState, IDisposable
        {
            public Tensor momentum_buffer;

            public State(Parameter parameter) : base(parameter) { }

            public override void Initialize(OptimizerOptions options) => momentum_buffer = null;
            public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);
            public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

            public override void LoadStateDict(OptimizerState source)
            {
                momentum_buffer?.Dispose();
                momentum_buffer = Kept(((State)source).momentum_buffer, _parameter.device);
            }

            public override bool ApproximatelyEquals(OptimizerState other) =>
                other is State state && Near(momentum_buffer, state.momentum_buffer);

            public override void to(Device device) => momentum_buffer = Moved(momentum_buffer, device);

            public void Dispose() => momentum_buffer?.Dispose();
        }

        public class Options : OptimizerOptions
        {
            public double? momentum;
            public double? dampening;
            public double? weight_decay;
            public bool? nesterov;
            public bool? maximize;

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(momentum.Value);
                writer.Write(dampening.Value);
                writer.Write(weight_decay.Value);
                writer.Write(nesterov.Value);
                writer.Write(maximize.Value);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                momentum = reader.ReadDouble();
                dampening = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                nesterov = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var from = (Options)source;
                (momentum, dampening, weight_decay) = (from.momentum, from.dampening, from.weight_decay);
                (nesterov, maximize) = (from.nesterov, from.maximize);
            }
        }

        public class ParamGroup : ParamGroup<Options>, optim.IMomentum
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            public ParamGroup(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0, double weight_decay = 0,
                bool nesterov = false, bool maximize = false)
                : base(parameters, new Options
                {
                    LearningRate = lr,
                    momentum = momentum,
                    dampening = dampening,
                    weight_decay = weight_decay,
                    nesterov = nesterov,
                    maximize = maximize,
                }) { }

            public double Momentum
            {
                get => Options.momentum.Value;
                set => Options.momentum = value;
            }
        }
    }
}
