using System;
using System.Collections.Generic;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public interface ILearningRateController
        {
            double LearningRate { get; set; }
            double InitialLearningRate { get; set; }
        }

        public interface IMomentum
        {
            double Momentum { get; set; }
        }

        public interface IBetas
        {
            (double, double) Betas { get; set; }
        }

        /// <summary>Changes parameters by their gradients, group by group.</summary>
        public abstract class Optimizer : IDisposable
        {
            protected IList<ParamGroup> _parameter_groups;

            /// <summary>The handle is upstream's business; there is nothing native behind an optimizer here.</summary>
            protected Optimizer(IntPtr handle) { }

            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            public virtual void zero_grad() => throw new NotImplementedException();
            public virtual Tensor step(Func<Tensor> closure = null) => throw new NotImplementedException();
            public virtual IEnumerable<Parameter> parameters() => throw new NotImplementedException();
            public virtual void add_param_group(ParamGroup param_group) => throw new NotImplementedException();

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) { }

            /// <summary>The state of an optimizer: options by group, state by parameter, and which belongs to which.</summary>
            public class StateDictionary
            {
                internal StateDictionary() { }

                public List<OptimizerOptions> Options { get; } = new();
                public List<OptimizerState> State { get; } = new();
                public List<List<int>> StateIndexRef { get; } = new();
            }
        }
    }
}
