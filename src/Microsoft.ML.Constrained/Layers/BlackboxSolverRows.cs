using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Tensors as the rows of floats that solvers take.</summary>
internal static class BlackboxSolverRows
{
    /// <summary>Checks shape and type, and gives rows × n contiguous floats on the CPU: the tensor's own memory where it is that already.</summary>
    public static Tensor From(Tensor tensor, string name, int n)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        if (tensor.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"'{name}' is of type {tensor.dtype}; expected Float32 or Float64.", name);
        long[] shape = tensor.shape;
        if (shape.Length == 0 || shape[^1] != n)
        {
            throw new ArgumentException(
                $"'{name}' has the shape [{string.Join(", ", shape)}]; expected {n} values, one for each cost of the solver, in the last dimension.", name);
        }

        if (tensor.numel() > int.MaxValue / sizeof(float))
            throw new ArgumentException($"'{name}' has {tensor.numel()} elements; one that goes to a solver ends at 2 GiB. Use smaller batches.", name);
        Tensor rows = tensor.is_cpu() ? tensor : tensor.cpu();
        if (rows.dtype != ScalarType.Float32)
            rows = rows.to(ScalarType.Float32);
        return rows.reshape(tensor.numel() / n, n).contiguous();
    }

    /// <summary>Checks that a second input fits the costs, and gives its rows.</summary>
    public static Tensor Beside(Tensor tensor, string name, Tensor costs, int n)
    {
        Tensor rows = From(tensor, name, n);
        if (!tensor.shape.AsSpan().SequenceEqual(costs.shape))
        {
            throw new ArgumentException(
                $"'{name}' has the shape [{string.Join(", ", tensor.shape)}]; expected that of the costs, [{string.Join(", ", costs.shape)}].", name);
        }

        return rows;
    }

    /// <summary>The memory of contiguous floats on the CPU.</summary>
    public static Span<float> Floats(Tensor? tensor) =>
        tensor is null || tensor.numel() == 0 ? default : MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
