namespace Microsoft.ML.Constrained;

/// <summary>Where a trainer's tensors are.</summary>
public enum TrainerDevice
{
    /// <summary>The CUDA device that <c>MLContext.GpuDeviceId</c> names, where that is set; else the CPU.</summary>
    Auto = 0,

    /// <summary>The CPU.</summary>
    Cpu = 1,

    /// <summary>
    /// The CUDA device that <c>MLContext.GpuDeviceId</c> names, or the first. Where it is not there: the CPU, with a warning, if
    /// <c>MLContext.FallbackToCpu</c> allows it, else fitting ends with an <see cref="System.InvalidOperationException"/>.
    /// </summary>
    Cuda = 2,
}
