using System.Collections.Generic;

namespace Microsoft.ML.Constrained;

/// <summary>What a <see cref="ConstrainedSearch"/> found.</summary>
/// <param name="Outcome">What the search came to.</param>
/// <param name="Best">
/// The best trial with its model: the feasible one of smallest loss, or the least infeasible one; null where <see cref="Outcome"/> is neither.
/// </param>
/// <param name="Trials">All trials, in the order in which they ended.</param>
/// <param name="Summary">One sentence or two about it, with the first reason if there is no feasible trial.</param>
public sealed record ConstrainedSearchResult(
    SearchOutcome Outcome, ConstrainedTrialResult? Best, IReadOnlyList<SearchTrial> Trials, string Summary);
