namespace Microsoft.ML.Constrained;

/// <summary>Where a trainer's tensors are, and where the models it fits score batches of rows. Single rows are scored on the CPU.</summary>
public enum TrainerDevice
{
    /// <summary>
    /// The CUDA device that <c>MLContext.GpuDeviceId</c> names, where that is set; else the CPU. Networks below a million operations a row
    /// score on the CPU all the same. Loaded models go by this.
    /// </summary>
    Auto = 0,

    /// <summary>The CPU.</summary>
    Cpu = 1,

    /// <summary>
    /// The CUDA device that <c>MLContext.GpuDeviceId</c> names, or the first. Where it is not there: the CPU, with a warning, if
    /// <c>MLContext.FallbackToCpu</c> allows it, else fitting or loading ends with an <see cref="System.InvalidOperationException"/>.
    /// </summary>
    Cuda = 2,
}
