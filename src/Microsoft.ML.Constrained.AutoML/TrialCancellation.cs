using System.Threading;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>Hands a trial's token to the factories of sweepable estimators, which AutoML gives a context and no token.</summary>
public static class TrialCancellation
{
    private const string Option = "Microsoft.ML.Constrained.TrialCancellation";

    /// <summary>
    /// The token of the trial that the context was made for; to be handed to a trainer's options in the factory of a sweepable estimator.
    /// Outside of trials that <see cref="ConstrainedTrialRunner"/> runs: a token that is never cancelled.
    /// </summary>
    /// <param name="mlContext">The context that the factory was given.</param>
    public static CancellationToken GetTrialCancellationToken(this MLContext mlContext) =>
        Check.NotNull(mlContext, nameof(mlContext)).TryGetOption(Option, out TrialStop stop) ? stop.Token : CancellationToken.None;

    /// <summary>A token that either the trial's or another one cancels, the latter only while the trial runs; outside of trials the other one.</summary>
    internal static CancellationToken GetTrialCancellationToken(this MLContext mlContext, CancellationToken other) =>
        mlContext.TryGetOption(Option, out TrialStop stop) ? stop.LinkedTo(other) : other;

    internal static void Attach(MLContext mlContext, TrialStop stop) => mlContext.SetOption(Option, stop);

    internal static void Detach(MLContext mlContext) => mlContext.RemoveOption(Option);
}
