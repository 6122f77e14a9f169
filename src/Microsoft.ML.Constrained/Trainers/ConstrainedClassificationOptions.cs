using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="ConstrainedClassificationEstimator"/>.</summary>
public sealed class ConstrainedClassificationOptions : NetworkTrainerOptions
{
    /// <summary>
    /// Name of the column that receives the probabilities; default "Score", which <c>mlContext.MulticlassClassification.Evaluate</c>
    /// expects.
    /// </summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>Name of the column that receives the most probable class; default "PredictedLabel".</summary>
    public string PredictedLabelColumnName { get; set; } = "PredictedLabel";

    /// <summary>
    /// Name of a column that receives the network's own probabilities, before the constraints, for
    /// <c>mlContext.Data.EvaluateConstraints</c>; null (the default) for none. A parameterisation has none.
    /// </summary>
    public string? RawScoreColumnName { get; set; }

    /// <summary>
    /// What must hold for every row's probabilities. The variables are the classes (the label's key values as text, or "0", "1", … where
    /// the label has none) and, where there are <see cref="Groups"/>, any of their names; they are found by name, in any order. That
    /// probabilities are at least 0 and add up to 1 is understood. Right-hand sides may refer to <c>Single</c> columns of the row. Null
    /// (the default): nothing else.
    /// </summary>
    public ConstraintSet? Constraints { get; set; }

    /// <summary>
    /// Names for unions of classes, each with its members: classes, or other groups. The probability of a group is that of its classes
    /// together, so a group is never less probable than a member. Only for use in <see cref="Constraints"/>. Null (the default): none.
    /// </summary>
    public Dictionary<string, string[]>? Groups { get; set; }

    /// <summary>How the constraints are brought about; default <see cref="OutputConstraint.Projection"/>.</summary>
    public OutputConstraint OutputConstraint { get; set; } = OutputConstraint.Projection;

    /// <summary>
    /// Share w of the loss that is taken before the projection, from 0 to 1; default 0.1. A row's loss is
    /// −(1 − w) log(p̂ + ε) − w log p, with p the probability of the row's class that the network gives and p̂ the projected one. Where
    /// the constraints leave the class no probability p̂ has no gradient, and this share still teaches the network.
    /// </summary>
    public double UnprojectedLossShare { get; set; } = 0.1;

    /// <summary>ε in the loss, which keeps it finite where constraints leave a row's class no probability; 1e-9 to 0.1, default 0.001.</summary>
    public double ProbabilityFloor { get; set; } = 1e-3;

    /// <summary>
    /// What becomes of a row whose own limits contradict each other when scoring; default <see cref="RowPolicy.Closest"/>: the point that
    /// violates the constraints least, brought back to numbers of at least 0 that add up to 1. <see cref="RowPolicy.KeepInput"/>: the
    /// network's own probabilities. <see cref="RowPolicy.Missing"/>: NaN, and no predicted label.
    /// </summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Closest;

    /// <summary>Whether to add <c>XStatus</c>, for a score column <c>X</c>: a key whose values are the names of <see cref="SolverStatus"/>; default false.</summary>
    public bool Diagnostics { get; set; }

    /// <summary>Threads that projections and scoring are spread over; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>Whether anything is asked for beyond what all probabilities satisfy.</summary>
    internal bool IsLimited => Constraints is { Constraints.Count: > 0 };

    internal ConstrainedClassificationOptions Copy() => (ConstrainedClassificationOptions)CopyCore();

    /// <summary>Checks everything that can be checked without data.</summary>
    internal void Validate()
    {
        ValidateCommon();
        Check.NotEmpty(ScoreColumnName, nameof(ScoreColumnName));
        Check.NotEmpty(PredictedLabelColumnName, nameof(PredictedLabelColumnName));
        if (RawScoreColumnName is not null)
            Check.NotEmpty(RawScoreColumnName, nameof(RawScoreColumnName));
        string?[] added = [ScoreColumnName, PredictedLabelColumnName, RawScoreColumnName, Diagnostics ? ScoreColumnName + "Status" : null];
        string[] names = [.. added.OfType<string>()];
        if (names.Distinct().Count() < names.Length)
        {
            throw new ArgumentException(
                $"The columns to add are {string.Join(", ", names.Select(n => $"'{n}'"))}; give each a name of its own.", nameof(PredictedLabelColumnName));
        }

        RequireDefined(OutputConstraint, nameof(OutputConstraint));
        RequireDefined(Policy, nameof(Policy));
        Require(UnprojectedLossShare is >= 0 and <= 1, nameof(UnprojectedLossShare), UnprojectedLossShare, "must be from 0 to 1");
        Require(ProbabilityFloor is >= 1e-9 and <= 0.1, nameof(ProbabilityFloor), ProbabilityFloor, "must be from 1e-9 to 0.1");
        Require(Threads is >= 0 and <= 1024, nameof(Threads), Threads, "must be from 0 (all processors) to 1024");
        foreach ((string name, string[] members) in Groups ?? [])
        {
            Check.NotEmpty(name, nameof(Groups));
            if (members is not { Length: > 0 })
                throw new ArgumentException($"Group '{name}' has no members; name at least one class or group.", nameof(Groups));
        }

        if (OutputConstraint != OutputConstraint.Parameterization)
            return;
        Require(RawScoreColumnName is null, nameof(RawScoreColumnName), RawScoreColumnName, "must be null with a parameterisation: it has no probabilities before the constraints");
        if (Constraints is { Columns.Count: > 0 } varying)
        {
            throw new ArgumentException(
                $"'{nameof(OutputConstraint)}' is {nameof(OutputConstraint.Parameterization)}, but right-hand sides refer to the column '{varying.Columns[0]}'; choose "
                + "another value, for a parameterisation is of one set for all rows.",
                nameof(OutputConstraint));
        }
    }

    private protected override NetworkTrainerOptions CopyCore()
    {
        var copy = (ConstrainedClassificationOptions)base.CopyCore();
        copy.Groups = Groups?.ToDictionary(g => g.Key, g => (string[]?)g.Value?.Clone() ?? []);
        return copy;
    }
}
