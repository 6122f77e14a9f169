using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What scoring needs to know besides the network and the solver.</summary>
/// <param name="FeatureColumnName">The column that is read.</param>
/// <param name="DecisionColumnName">The column that receives decisions.</param>
/// <param name="CostNames">Names of the slots of costs and decisions.</param>
/// <param name="Policy">What becomes of a row without a decision.</param>
/// <param name="Diagnostics">Whether status and total cost are added.</param>
/// <param name="BatchSize">Rows at once.</param>
/// <param name="Threads">Most threads; 0 for one a processor.</param>
internal sealed record DecisionFocusedSettings(
    string FeatureColumnName, string DecisionColumnName, IReadOnlyList<string> CostNames, RowPolicy Policy, bool Diagnostics, int BatchSize, int Threads);
