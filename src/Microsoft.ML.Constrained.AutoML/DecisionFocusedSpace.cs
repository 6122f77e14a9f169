using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.Constrained;

/// <summary>What there is to choose for <see cref="DecisionFocusedTrainer"/>.</summary>
public sealed class DecisionFocusedSpace : NetworkTrainerSpace
{
    /// <summary>
    /// What stands in for the solver's derivative. Replaces the options' method and rule; <see cref="DecisionGradient.FenchelYoung"/> and
    /// <see cref="DecisionGradient.SpoPlus"/>, which are losses themselves, also leave out the options' loss and noise margin.
    /// </summary>
    [Choice(DecisionGradient.Identity, DecisionGradient.Interpolation, DecisionGradient.FenchelYoung)]
    public DecisionGradient? Gradient { get; set; }

    /// <summary>λ of <see cref="DecisionGradient.Interpolation"/>, on a logarithmic scale from 0.1 to 100; nothing else looks at it.</summary>
    [Range(0.1, 100.0, 10.0, logBase: true)]
    public double? Lambda { get; set; }

    /// <summary>σ of <see cref="DecisionGradient.FenchelYoung"/>, on a logarithmic scale from 0.05 to 5; nothing else looks at it.</summary>
    [Range(0.05, 5.0, 1.0, logBase: true)]
    public double? Sigma { get; set; }

    /// <summary>
    /// Noise margin of <see cref="DecisionGradient.Identity"/> and <see cref="DecisionGradient.Interpolation"/>, from 0 to 0.5, in the unit of
    /// the network's costs; nothing else looks at it.
    /// </summary>
    [Range(0.0, 0.5, 0.0)]
    public double? NoiseMargin { get; set; }

    /// <summary>The space for a trainer: with <see cref="DecisionGradient.SpoPlus"/>, and beginning there, where labels are true costs.</summary>
    /// <param name="options">The options that hold for every trial.</param>
    public static SearchSpace<DecisionFocusedSpace> For(DecisionFocusedOptions options)
    {
        Check.NotNull(options, nameof(options));
        var space = new SearchSpace<DecisionFocusedSpace>();
        Fit(space, options);
        if (options.Label == DecisionLabel.Costs)
        {
            DecisionGradient[] gradients = [DecisionGradient.SpoPlus, DecisionGradient.Identity, DecisionGradient.Interpolation, DecisionGradient.FenchelYoung];
            space[nameof(Gradient)] = new ChoiceOption([.. gradients.Cast<object>()]);
        }

        return space;
    }

    /// <summary>The options with what was chosen.</summary>
    internal DecisionFocusedOptions Apply(DecisionFocusedOptions options, CancellationToken stop)
    {
        DecisionFocusedOptions applied = options.Copy();
        ApplyTo(applied, stop);
        applied.Sigma = Sigma ?? options.Sigma;
        switch (Gradient)
        {
            case DecisionGradient.Identity:
                (applied.Method, applied.Rule) = (DecisionMethod.Rule, null);
                break;
            case DecisionGradient.Interpolation:
                (applied.Method, applied.Rule) = (DecisionMethod.Rule, new InterpolationRule(Lambda ?? 10, negativeCosts: options.NegativeCosts));
                break;
            case DecisionGradient.FenchelYoung:
                SetLoss(applied, DecisionMethod.FenchelYoung);
                break;
            case DecisionGradient.SpoPlus:
                SetLoss(applied, DecisionMethod.SpoPlus);
                break;
        }

        // Only rules have a margin: other methods refuse one, and with it Auto would be another method.
        if (applied.UsedMethod == DecisionMethod.Rule)
            applied.NoiseMargin = NoiseMargin ?? options.NoiseMargin;
        return applied;
    }

    /// <summary>Sets a method that is a loss itself, which the options that belong to rules do not go with.</summary>
    private static void SetLoss(DecisionFocusedOptions options, DecisionMethod method) =>
        (options.Method, options.Rule, options.Loss, options.NoiseMargin) = (method, null, DecisionLoss.Auto, 0);
}
