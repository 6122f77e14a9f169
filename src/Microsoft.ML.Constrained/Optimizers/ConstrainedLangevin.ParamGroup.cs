using System.Collections.Generic;
using TorchSharp.Modules;

namespace Microsoft.ML.Constrained.Optimizers;

public sealed partial class ConstrainedLangevin
{
    /// <summary>Parameters that share options and a constraint.</summary>
    public sealed class ParamGroup : ParamGroup<Options>
    {
        /// <summary>A group with the optimizer's options.</summary>
        /// <param name="parameters">The parameters.</param>
        /// <param name="constraint">What to keep true of each of them; null for nothing.</param>
        public ParamGroup(IEnumerable<Parameter> parameters, WeightConstraint? constraint = null)
            : base(parameters, new Options { Constraint = constraint ?? WeightConstraint.None })
        {
        }

        /// <summary>A group with options of its own.</summary>
        /// <param name="parameters">The parameters.</param>
        /// <param name="options">Options; what is null is taken from the optimizer.</param>
        public ParamGroup(IEnumerable<Parameter> parameters, Options options)
            : base(parameters, options)
        {
        }
    }
}
