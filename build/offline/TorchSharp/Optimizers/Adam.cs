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
            public static Adam Adam(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(
                IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
                double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(p => p.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(
                IEnumerable<Adam.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Adam (Kingma and Ba, 2015); weight decay is added to the gradient.</summary>
    public class Adam : OptimizerHelper, optim.IBetas
    {
        public Adam(
            IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize) { }

        public Adam(
            IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
            double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            AdamStep.Check(lr, beta1, beta2, eps, weight_decay);
            _defaults = Filled(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
            _defaults.InitialLearningRate = lr;
            _parameter_groups = new List<Modules.ParamGroup>();
            foreach (ParamGroup group in parameters)
                add_param_group(group);
        }

        private static Options Filled(double lr, double beta1, double beta2, double eps, double weight_decay, bool amsgrad, bool maximize) =>
            new()
            {
                LearningRate = lr,
                beta1 = beta1,
                beta2 = beta2,
                eps = eps,
                weight_decay = weight_decay,
                amsgrad = amsgrad,
                maximize = maximize,
            };

        public (double, double) Betas
        {
            get => (((Options)_defaults).beta1.Value, ((Options)_defaults).beta2.Value);
            set
            {
                foreach (Modules.ParamGroup group in _parameter_groups)
                    (((Options)group.Options).beta1, ((Options)group.Options).beta2) = value;
            }
        }

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            var own = (Options)_defaults;
            var options = (Options)(param_group.Options ??= new Options());
            options.LearningRate ??= own.LearningRate;
            options.beta1 ??= own.beta1;
            options.beta2 ??= own.beta2;
            options.eps ??= own.eps;
            options.weight_decay ??= own.weight_decay;
            options.amsgrad ??= own.amsgrad;
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
            foreach (Parameter parameter in group.Parameters)
            {
                Tensor grad = parameter.grad;
                if (grad is null)
                    continue;
                var state = (State)_state[parameter.Handle];
                state.step++;
                if (o.maximize.Value)
                    grad = -grad;
                if (o.weight_decay.Value != 0)
                    grad = grad.add(parameter, o.weight_decay.Value);
                AdamStep.Update(
                    parameter, grad, state.exp_avg, state.exp_avg_sq, state.max_exp_avg_sq, state.step, o.LearningRate.Value, o.beta1.Value,
                    o.beta2.Value, o.eps.Value);
            }
        }, closure);

        protected override void Dispose(bool disposing) => DisposeState(disposing);

        public sealed class State : OptimizerState, IDisposable
        {
            public long step;
            public Tensor exp_avg;
            public Tensor exp_avg_sq;
            public Tensor max_exp_avg_sq;

            public State(Parameter parameter) : base(parameter) { }

            public override void Initialize(OptimizerOptions options)
            {
                step = 0;
                exp_avg = zeros_like(_parameter).DetachFromDisposeScope();
                exp_avg_sq = zeros_like(_parameter).DetachFromDisposeScope();
                if (((Options)options).amsgrad.Value)
                    max_exp_avg_sq = zeros_like(_parameter).DetachFromDisposeScope();
            }

            public override void SaveStateDict(BinaryWriter writer)
            {
                writer.Write(step);
                exp_avg.Save(writer);
                exp_avg_sq.Save(writer);
                SaveConditionalStateTensor(writer, max_exp_avg_sq);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                step = reader.ReadInt64();
                exp_avg.Load(reader);
                exp_avg_sq.Load(reader);
                LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
            }

            public override void LoadStateDict(OptimizerState source)
            {
                var from = (State)source;
                Dispose();
                step = from.step;
                exp_avg = Kept(from.exp_avg, _parameter.device);
                exp_avg_sq = Kept(from.exp_avg_sq, _parameter.device);
                max_exp_avg_sq = Kept(from.max_exp_avg_sq, _parameter.device);
            }

            public override bool ApproximatelyEquals(OptimizerState other) =>
                other is State state && step == state.step && Near(exp_avg, state.exp_avg) && Near(exp_avg_sq, state.exp_avg_sq)
                && Near(max_exp_avg_sq, state.max_exp_avg_sq);

            public override void to(Device device)
            {
                exp_avg = Moved(exp_avg, device);
                exp_avg_sq = Moved(exp_avg_sq, device);
                max_exp_avg_sq = Moved(max_exp_avg_sq, device);
            }

            public void Dispose()
            {
                exp_avg?.Dispose();
                exp_avg_sq?.Dispose();
                max_exp_avg_sq?.Dispose();
            }
        }

        public class Options : OptimizerOptions
        {
            public double? beta1;
            public double? beta2;
            public double? weight_decay;
            public double? eps;
            public bool? amsgrad;
            public bool? maximize;

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(beta1.Value);
                writer.Write(beta2.Value);
                writer.Write(eps.Value);
                writer.Write(weight_decay.Value);
                writer.Write(amsgrad.Value);
                writer.Write(maximize.Value);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                beta1 = reader.ReadDouble();
                beta2 = reader.ReadDouble();
                eps = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                amsgrad = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var from = (Options)source;
                (beta1, beta2, eps, weight_decay) = (from.beta1, from.beta2, from.eps, from.weight_decay);
                (amsgrad, maximize) = (from.amsgrad, from.maximize);
            }
        }

        public class ParamGroup : ParamGroup<Options>, optim.IBetas
        {
            public ParamGroup() { }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            public ParamGroup(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
                double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, Filled(lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)) { }

            public (double, double) Betas
            {
                get => (Options.beta1.Value, Options.beta2.Value);
                set => (Options.beta1, Options.beta2) = value;
            }
        }
    }
}
