using System;
using System.Runtime.InteropServices;
using Microsoft.ML.Constrained.Combinatorial;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A module's own generator. Its state is a buffer of the module, so that a saved module goes on exactly where it was, however it was
/// saved and loaded.
/// </summary>
internal sealed class BlackboxSolverRandom
{
    private const string BufferName = "RandomState";

    private readonly nn.Module _module;

    public BlackboxSolverRandom(nn.Module module, ulong seed)
    {
        _module = module;
        using IDisposable off = no_grad();
        module.register_buffer(BufferName, ToTensor(new RandomSource(seed).Save()));
    }

    /// <summary>A generator that goes on from the buffer.</summary>
    /// <exception cref="InvalidOperationException">The buffer holds no state of a generator.</exception>
    public RandomSource Read()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor buffer = _module.get_buffer(BufferName)!;
        var source = new RandomSource(0);
        try
        {
            source.Restore(MemoryMarshal.Cast<byte, ulong>(buffer.cpu().contiguous().bytes));
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException(
                $"The buffer '{BufferName}' holds no state of a generator; load the state of a module that was saved with its own.", e);
        }

        return source;
    }

    /// <summary>Puts the generator's state into the buffer.</summary>
    public void Write(RandomSource source)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        _module.get_buffer(BufferName)!.copy_(ToTensor(source.Save()));
    }

    private static Tensor ToTensor(ulong[] state) => tensor(MemoryMarshal.Cast<ulong, long>(state).ToArray());
}
