using System;
using System.Runtime.InteropServices;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Between managed rows and tensors, and where tensors are.</summary>
internal static class TrainingTensors
{
    /// <summary>The device that an option means in a context; a warning where the CPU takes the place of one that is not there.</summary>
    /// <param name="option">The option.</param>
    /// <param name="host">Knows the context's device and receives the warning.</param>
    /// <param name="work">What is to run there, for messages.</param>
    /// <exception cref="InvalidOperationException">There is no such device, and the context allows no fallback to the CPU.</exception>
    public static Device Resolve(TrainerDevice option, IHost host, string work = "Training")
    {
        GpuChoice gpu = GpuChoice.Of(host);
        if (option == TrainerDevice.Cpu || (option == TrainerDevice.Auto && gpu.DeviceId is null))
            return CPU;
        int count = cuda_is_available() ? cuda.device_count() : 0, wanted = gpu.DeviceId ?? 0;
        if (wanted >= 0 && wanted < count)
            return device(DeviceType.CUDA, wanted);
        string missing = count == 0 ? "libtorch finds no CUDA device" : $"libtorch finds {count} CUDA device(s), numbered from 0";
        if (!gpu.FallbackToCpu)
        {
            throw new InvalidOperationException(
                $"{work} was to run on CUDA device {wanted}, but {missing}. Install a libtorch with CUDA and a driver, set "
                + $"'{nameof(NetworkTrainerOptions.Device)}' to {nameof(TrainerDevice.Cpu)}, or allow MLContext.FallbackToCpu.");
        }

        using IChannel channel = host.Start("Device");
        channel.Warning(MessageSensitivity.None, "{0}", $"{work} was to run on CUDA device {wanted}, but {missing}: it runs on the CPU.");
        return CPU;
    }

    /// <summary>A selection of rows as a tensor of rows × width.</summary>
    public static Tensor Rows(ReadOnlySpan<float> values, int width, ReadOnlySpan<int> rows, Device device)
    {
        float[] selected = Select(values, width, rows);
        return tensor(selected, [rows.Length, width], ScalarType.Float32, device);
    }

    /// <summary>A selection of rows.</summary>
    public static float[] Select(ReadOnlySpan<float> values, int width, ReadOnlySpan<int> rows)
    {
        float[] selected = new float[checked(rows.Length * width)];
        for (int i = 0; i < rows.Length; i++)
            values.Slice(rows[i] * width, width).CopyTo(selected.AsSpan(i * width));
        return selected;
    }

    /// <summary>The elements in row-major order.</summary>
    public static float[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Tensor plain = tensor.detach().to(ScalarType.Float32).cpu().contiguous();
        return MemoryMarshal.Cast<byte, float>(plain.bytes).ToArray();
    }
}
