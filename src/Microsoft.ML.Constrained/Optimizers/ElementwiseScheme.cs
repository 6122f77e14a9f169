using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>Weights that do not feel each other: one fused pass in managed code, or the same formulas by tensor operations.</summary>
internal abstract unsafe class ElementwiseScheme : WeightScheme
{
    /// <summary>Blocks of noise in one chunk of work.</summary>
    private const int BlocksPerChunk = 8;

    public override void Step(WeightStep step)
    {
        if (!step.Managed)
            ByTensors(step);
        else if (step.Weight.dtype == ScalarType.Float32)
            Managed<float>(step);
        else
            Managed<double>(step);
    }

    /// <summary>The step by tensor operations.</summary>
    protected abstract void ByTensors(WeightStep step);

    /// <summary>The step of some elements, starting at one of them.</summary>
    protected abstract void Update<V, T>(WeightStep step, Pointers<T> at, long first, int count)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private void Managed<T>(WeightStep step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long count = step.Weight.numel();
        if (count == 0)
            return;
        var pointers = new Pointers<T>(
            RawTensor.Pointer<T>(step.Weight), step.State.Slack is { } slack ? RawTensor.Pointer<T>(slack) : null,
            step.State.Velocity is { } velocity ? RawTensor.Pointer<T>(velocity) : null, RawTensor.Pointer<T>(step.Gradient), null);
        long blocks = (count + NormalNoise.BlockLength - 1) / NormalNoise.BlockLength;
        int chunks = (int)((blocks + BlocksPerChunk - 1) / BlocksPerChunk);
        ChunkRunner.Run(chunks, step.Threads, chunk =>
        {
            for (long block = (long)chunk * BlocksPerChunk; block < Math.Min(blocks, (long)(chunk + 1) * BlocksPerChunk); block++)
                Block(step, pointers, block, (int)Math.Min(NormalNoise.BlockLength, count - (block * NormalNoise.BlockLength)));
        });
        GC.KeepAlive(step);
    }

    [SkipLocalsInit]
    private void Block<T>(WeightStep step, Pointers<T> pointers, long block, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T* noise = null;
        T* room = stackalloc T[step.Noisy ? NormalNoise.BlockLength : 1];
        if (step.Noisy)
        {
            noise = room;
            float* normals = (float*)room;
            if (typeof(T) == typeof(double))
                normals += NormalNoise.BlockLength;
            step.Noise.Fill(block, normals, count);

            // In place, from the back half forwards: no number is overwritten before it is read.
            if (typeof(T) == typeof(double))
            {
                for (int i = 0; i < count; i++)
                    noise[i] = T.CreateTruncating(normals[i]);
            }
        }

        Pointers<T> at = pointers with { Noise = noise };
        long first = block * NormalNoise.BlockLength;
        if (Vector512.IsHardwareAccelerated)
            Update<Simd512<T>, T>(step, at, first, count);
        else if (Vector256.IsHardwareAccelerated)
            Update<Simd256<T>, T>(step, at, first, count);
        else if (Vector128.IsHardwareAccelerated)
            Update<Simd128<T>, T>(step, at, first, count);
        else
            Update<SimdScalar<T>, T>(step, at, first, count);
    }

    /// <summary>Where the arrays of one parameter start; the noise is that of one block.</summary>
    protected readonly record struct Pointers<T>
        where T : unmanaged
    {
        private readonly nint _weight;
        private readonly nint _slack;
        private readonly nint _velocity;
        private readonly nint _gradient;
        private readonly nint _noise;

        public Pointers(T* weight, T* slack, T* velocity, T* gradient, T* noise) =>
            (_weight, _slack, _velocity, _gradient, _noise) = ((nint)weight, (nint)slack, (nint)velocity, (nint)gradient, (nint)noise);

        public T* Weight => (T*)_weight;

        public T* Slack => (T*)_slack;

        public T* Velocity => (T*)_velocity;

        public T* Gradient => (T*)_gradient;

        public T* Noise
        {
            get => (T*)_noise;
            init => _noise = (nint)value;
        }
    }
}
