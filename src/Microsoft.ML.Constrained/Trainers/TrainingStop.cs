namespace Microsoft.ML.Constrained;

/// <summary>Why training ended.</summary>
public enum TrainingStop
{
    /// <summary>All epochs were done.</summary>
    EpochsDone = 0,

    /// <summary>The validation loss did not fall for <see cref="NetworkTrainerOptions.Patience"/> epochs.</summary>
    NoImprovement = 1,

    /// <summary>The loss became NaN or infinite; a state from before that is kept.</summary>
    Diverged = 2,
}
