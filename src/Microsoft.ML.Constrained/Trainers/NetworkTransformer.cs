using System;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What the transformers with a trained network have in common: they score on the CPU without any native library, unless
/// <see cref="NetworkTrainerOptions.Device"/> or, for a loaded model, <c>MLContext.GpuDeviceId</c> sends batches to a CUDA device.
/// </summary>
public abstract class NetworkTransformer : RowStageTransformer, IDisposable
{
    private protected NetworkTransformer(IHostEnvironment environment, BlockFormat format, Network network, int threads, TrainingSummary training)
        : base(environment, format)
    {
        Network = new ScoringNetwork(network, threads);
        Training = training;
    }

    /// <summary>How the model was trained.</summary>
    public TrainingSummary Training { get; }

    /// <summary>The network where it runs.</summary>
    private protected ScoringNetwork Network { get; }

    /// <summary>Frees what a CUDA device holds of the network; nothing elsewhere. The transformer stays usable.</summary>
    public void Dispose()
    {
        Network.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Chooses where batches are scored. To be called before anything is scored.</summary>
    /// <exception cref="InvalidOperationException">The device is not there, and the context allows no fallback to the CPU.</exception>
    internal static T PlaceOn<T>(TrainerDevice device, T transformer)
        where T : NetworkTransformer
    {
        transformer.Network.Place(device, transformer.Host);
        return transformer;
    }
}
