using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Between managed rows and tensors, and where tensors are.</summary>
internal static class TrainingTensors
{
    /// <summary>The device that an option means.</summary>
    /// <exception cref="InvalidOperationException">There is no such device.</exception>
    public static Device Resolve(TrainerDevice device)
    {
        if (device != TrainerDevice.Cuda)
            return CPU;
        return cuda_is_available()
            ? CUDA
            : throw new InvalidOperationException(
                $"'{nameof(NetworkTrainerOptions.Device)}' is {nameof(TrainerDevice.Cuda)} but libtorch finds no CUDA device. Use {nameof(TrainerDevice.Cpu)}, or install a libtorch with CUDA and a driver.");
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
