namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>What one thread needs while it solves a row: the row's costs in double, and each solver's own arrays in a subclass.</summary>
internal class SolverWorkspace(int dimension)
{
    /// <summary>The row's costs, turned so that the solver minimises.</summary>
    public readonly double[] Costs = new double[dimension];
}
