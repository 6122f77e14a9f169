namespace Microsoft.ML.Constrained;

/// <summary>Where a trainer's tensors are.</summary>
public enum TrainerDevice
{
    /// <summary>Wherever these trainers are known to be fast: at present the CPU always.</summary>
    Auto = 0,

    /// <summary>The CPU.</summary>
    Cpu = 1,

    /// <summary>The first CUDA device; where there is none, fitting ends with an <see cref="System.InvalidOperationException"/>.</summary>
    Cuda = 2,
}
