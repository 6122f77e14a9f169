using System.Linq;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.Constrained;

/// <summary>Which ways of bringing constraints about a search may choose from.</summary>
internal static class OutputModes
{
    /// <summary>
    /// Sets the option to the ways that fit the constraints, the options' own first, so that a search that begins at the start of the space begins
    /// there; or removes it where there is nothing to choose.
    /// </summary>
    public static void Set(
        SearchSpace.SearchSpace space, string name, ConstraintSet? constraints, OutputConstraint own, params OutputConstraint[] known)
    {
        OutputConstraint[] fitting = constraints is null or { Constraints.Count: 0 } ? [] : [.. known.Where(m => Fits(m, constraints)).Prepend(own).Distinct()];
        if (fitting.Length < 2)
            space.Remove(name);
        else
            space[name] = new ChoiceOption([.. fitting.Cast<object>()]);
    }

    private static bool Fits(OutputConstraint mode, ConstraintSet constraints) => mode switch
    {
        OutputConstraint.DifferentiableProjection => IsLinear(constraints),
        OutputConstraint.Parameterization => IsLinear(constraints) && constraints.Columns.Count == 0,
        _ => true,
    };

    private static bool IsLinear(ConstraintSet constraints) => constraints.Lower().IsPolyhedral;
}
