using System;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// A trained network where it scores: managed code on the CPU, without libtorch, or, where a CUDA device was chosen, whole batches of
/// rows there. Single rows stay on the CPU. Safe to use from any number of threads.
/// </summary>
internal sealed class ScoringNetwork : IDisposable
{
    /// <summary>
    /// Operations a row from which <see cref="TrainerDevice.Auto"/> goes to the device. A core takes some 20 µs for them; moving the
    /// row's few kilobytes there and back takes about one. An estimate, since no device was there to measure.
    /// </summary>
    internal const long LeastWork = 1_000_000;

    private readonly Network _network;
    private readonly int _threads;
    private NetworkTensors? _tensors;

    /// <param name="network">The network.</param>
    /// <param name="threads">Threads of the CPU; 0 for one a processor.</param>
    /// <param name="tensors">What takes whole batches; null for the CPU.</param>
    public ScoringNetwork(Network network, int threads, NetworkTensors? tensors = null) => (_network, _threads, _tensors) = (network, threads, tensors);

    /// <summary>Values a row in.</summary>
    public int InputCount => _network.InputCount;

    /// <summary>Values a row out.</summary>
    public int OutputCount => _network.OutputCount;

    /// <summary>Whether batches go to a device.</summary>
    public bool UsesDevice => _tensors is not null;

    /// <summary>Chooses where batches go. To be called before the first one.</summary>
    /// <param name="device">The option.</param>
    /// <param name="host">Knows the context's device and receives warnings.</param>
    /// <exception cref="InvalidOperationException">The device is not there, and the context allows no fallback to the CPU.</exception>
    public void Place(TrainerDevice device, IHost host) => _tensors = IsWanted(_network, device, host) ? OnDevice(_network, device, host) : null;

    /// <summary>Computes the outputs of rows, see <see cref="Network.Forward"/>.</summary>
    public void Forward(ReadOnlySpan<float> inputs, Span<float> outputs)
    {
        if (_tensors is null || inputs.Length <= InputCount)
            _network.Forward(inputs, outputs, _threads);
        else
            _tensors.Forward(inputs, outputs);
    }

    /// <summary>Frees what is on the device. A later batch puts it there again.</summary>
    public void Dispose() => _tensors?.Dispose();

    /// <summary>Nothing of libtorch is loaded to find out that nobody asked for it.</summary>
    private static bool IsWanted(Network network, TrainerDevice device, IHost host) => device switch
    {
        TrainerDevice.Cpu => false,
        TrainerDevice.Auto => network.Work >= LeastWork && GpuChoice.Of(host).DeviceId is not null,
        _ => true,
    };

    private static NetworkTensors? OnDevice(Network network, TrainerDevice option, IHost host) =>
        OnDevice(network, () => TrainingTensors.Resolve(option, host, "Scoring"), host);

    /// <param name="network">The network.</param>
    /// <param name="resolve">Finds the device; the first to need libtorch.</param>
    /// <param name="host">Knows whether the context allows a fallback and receives the warning.</param>
    internal static NetworkTensors? OnDevice(Network network, Func<torch.Device> resolve, IHost host)
    {
        try
        {
            torch.Device device = resolve();
            return device.type == DeviceType.CUDA ? new NetworkTensors(network, device) : null;
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException)
        {
            const string Failed = "Scoring was to run on a CUDA device, but libtorch cannot be loaded";
            if (!GpuChoice.Of(host).FallbackToCpu)
            {
                throw new InvalidOperationException(
                    $"{Failed}. Install a libtorch with CUDA, set '{nameof(NetworkTrainerOptions.Device)}' to {nameof(TrainerDevice.Cpu)}, or allow " +
                    $"MLContext.FallbackToCpu. {e.GetBaseException().Message}", e);
            }

            using IChannel channel = host.Start("Device");
            channel.Warning(MessageSensitivity.None, "{0}", $"{Failed}: it runs on the CPU. {e.GetBaseException().Message}");
            return null;
        }
    }
}
