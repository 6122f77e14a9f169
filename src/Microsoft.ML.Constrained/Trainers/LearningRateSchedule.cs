namespace Microsoft.ML.Constrained;

/// <summary>How the learning rate changes while training.</summary>
public enum LearningRateSchedule
{
    /// <summary>It does not.</summary>
    Constant = 0,

    /// <summary>Along half a cosine, from the rate down to a hundredth of it in the last step of the last epoch.</summary>
    Cosine = 1,

    /// <summary>Halved whenever the validation loss did not fall for five epochs, down to a thousandth.</summary>
    ReduceOnPlateau = 2,
}
