using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What <see cref="TrainingLoop"/> works on: a model, the loss of a batch of its rows, and what its state is worth.</summary>
internal abstract class TrainingTask
{
    /// <summary>The model. Its parameters are changed; together with its buffers they are its state.</summary>
    public abstract nn.Module Module { get; }

    /// <summary>Rows to learn from.</summary>
    public abstract int Rows { get; }

    /// <summary>The mean loss of a batch, to be differentiated. Called within a dispose scope and with the module in training mode.</summary>
    /// <param name="rows">Which of the rows, each from 0 to <see cref="Rows"/> − 1.</param>
    public abstract Tensor Loss(long[] rows);

    /// <summary>
    /// Measures the present state on the validation rows. Called within a dispose scope, without gradients, and with the module in
    /// evaluation mode.
    /// </summary>
    public abstract TrainingMeasure Validate();

    /// <summary>Called after each step of the optimizer, without gradients: a place to bring weights back into their sets.</summary>
    public virtual void AfterStep()
    {
    }
}
