using System;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// One way to project rows onto a constraint set. Immutable after construction; what changes from row to row is in a workspace
/// (<see cref="CreateWorkspace"/>), one for each thread. The state of a row is what its gradient and its shadow prices need.
/// </summary>
internal abstract class ProjectionRoute
{
    /// <summary>Numbers of state that a row has.</summary>
    public abstract int StateLength { get; }

    public abstract object CreateWorkspace();

    /// <summary>Projects a finite row; z is the best point found where the status is not <see cref="SolverStatus.Solved"/>.</summary>
    public abstract SolverStatus Project(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace);

    /// <summary>
    /// For a set that is empty for this row: the least 2-norm of the scaled violations, then the least distance. False where no such point was found.
    /// </summary>
    public abstract bool Closest(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace);

    /// <summary>∂loss/∂y and ∂loss/∂θ of a projected row, for ∂loss/∂z.</summary>
    public abstract void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient,
        object workspace);

    /// <summary>The shadow price of each constraint.</summary>
    public abstract void Prices(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        Span<double> prices,
        object workspace);
}
