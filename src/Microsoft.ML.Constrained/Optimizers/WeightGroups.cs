using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>Picks the parameter groups of a module for <see cref="ConstrainedLangevin"/>.</summary>
public static class WeightGroups
{
    /// <summary>
    /// Up to three groups: all weights (parameters of two or more dimensions) except the first, the first one, and everything else (biases,
    /// scales), which is free. The published choices are <c>Of(net, Circle(0.1), first: Circle(0.05))</c> and, orthogonality,
    /// <c>Of(net, Orthogonal(), first: None)</c>.
    /// </summary>
    /// <param name="module">Whose parameters; those that need no gradient are left out.</param>
    /// <param name="weights">The constraint of the weights.</param>
    /// <param name="first">That of the first weight, in the order of <c>parameters()</c>; null for the same.</param>
    /// <exception cref="ArgumentException">The module has no parameters to train.</exception>
    public static IReadOnlyList<ConstrainedLangevin.ParamGroup> Of(nn.Module module, WeightConstraint weights, WeightConstraint? first = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(weights);
        Parameter[] all = [.. module.parameters().Where(p => p.requires_grad)];
        if (all.Length == 0)
            throw new ArgumentException("The module has no parameters that require gradients.", nameof(module));
        Parameter[] matrices = [.. all.Where(p => p.dim() >= 2)], others = [.. all.Where(p => p.dim() < 2)];
        var groups = new List<ConstrainedLangevin.ParamGroup>();
        Add(matrices.Take(1), first ?? weights);
        Add(matrices.Skip(1), weights);
        Add(others, WeightConstraint.None);
        return groups;

        void Add(IEnumerable<Parameter> parameters, WeightConstraint constraint)
        {
            Parameter[] members = [.. parameters];
            if (members.Length > 0)
                groups.Add(new(members, constraint));
        }
    }
}
