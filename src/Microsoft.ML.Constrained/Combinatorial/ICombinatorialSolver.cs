using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// An exact solver of y(w) = argmin (or argmax) of ⟨w, y⟩ over a fixed finite set Y of vectors with <see cref="Dimension"/> entries.
/// </summary>
/// <remarks>
/// Implementations may be used from any number of threads at once. A row's decision depends on its own costs only: not on the batch, nor
/// on the number of threads. A row that cannot be solved gets a status and an all-zero decision; it never throws and never touches its
/// neighbours.
/// </remarks>
public interface ICombinatorialSolver
{
    /// <summary>The length n of a cost vector and of a decision.</summary>
    int Dimension { get; }

    /// <summary>Whether ⟨w, y⟩ is made least or greatest.</summary>
    Sense Sense { get; }

    /// <summary>Whether a row with a negative cost is refused with <see cref="SolverStatus.InvalidInput"/>.</summary>
    bool NeedsNonnegativeCosts { get; }

    /// <summary>
    /// A unit vector a of <see cref="Dimension"/> entries with ⟨a, y⟩ the same for every y of the set, or empty when none is known.
    /// Costs may be moved along it without changing the decision (Sahoo et al. 2023, section 3.2).
    /// </summary>
    ReadOnlySpan<double> Normal { get; }

    /// <summary>Solves one problem.</summary>
    /// <param name="costs">The costs w, <see cref="Dimension"/> entries.</param>
    /// <param name="decision">Receives y(w), <see cref="Dimension"/> entries; zeros when the status is not usable.</param>
    /// <returns><see cref="SolverStatus.Solved"/>, or why there is no exact decision.</returns>
    /// <exception cref="ArgumentException">A length is not <see cref="Dimension"/>.</exception>
    SolverStatus Solve(ReadOnlySpan<float> costs, Span<float> decision);

    /// <inheritdoc cref="Solve(ReadOnlySpan{float}, Span{float})"/>
    SolverStatus Solve(ReadOnlySpan<double> costs, Span<float> decision);

    /// <summary>Solves one problem per row.</summary>
    /// <param name="costs">The costs, rows × <see cref="Dimension"/>, row by row.</param>
    /// <param name="decisions">Receives the decisions in the same layout; a row without a usable status is all zeros.</param>
    /// <param name="statuses">Receives each row's status; its length is the number of rows.</param>
    /// <param name="threads">The most threads to use; 0 for one per processor.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows.</exception>
    void SolveBatch(ReadOnlySpan<float> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads = 0);

    /// <inheritdoc cref="SolveBatch(ReadOnlySpan{float}, Span{float}, Span{SolverStatus}, int)"/>
    void SolveBatch(ReadOnlySpan<double> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads = 0);
}
