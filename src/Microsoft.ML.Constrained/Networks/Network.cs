using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>
/// The forward pass of a trained network in single precision, without TorchSharp: what a saved model scores with. Immutable and
/// safe to use from any number of threads; a row's result does not depend on the number of rows or threads.
/// </summary>
internal sealed unsafe class Network
{
    /// <summary>Largest count of anything in a network that is read.</summary>
    internal const int MaxCount = 1 << 22;

    private const int MaxLayers = 1000;

    /// <summary>Most rows that are worked on together: enough for a layer's weights to be read seldom.</summary>
    private const int MostRows = 64;

    /// <summary>Floats that the rows worked on together should take of the second cache.</summary>
    private const int CacheFloats = 64 << 10;

    /// <summary>Operations of one piece of work for a thread, about.</summary>
    private const long PieceWork = 400_000;

    private readonly NetworkLayer[] _layers;
    private readonly int _stride, _scratch, _rowsAtOnce;

    /// <param name="layers">At least one; each takes as many values as the one before gives.</param>
    /// <exception cref="ArgumentException">Two layers do not fit together.</exception>
    public Network(IReadOnlyList<NetworkLayer> layers)
    {
        if (layers.Count == 0)
            throw new ArgumentException("A network needs at least one layer.", nameof(layers));
        for (int i = 1; i < layers.Count; i++)
        {
            if (layers[i].InputCount != layers[i - 1].OutputCount)
            {
                throw new ArgumentException(
                    $"Layer {i} takes {layers[i].InputCount} values but layer {i - 1} gives {layers[i - 1].OutputCount}.", nameof(layers));
            }
        }

        _layers = [.. layers];

        // A vector of 512 bits may be written after a row, and rows of a multiple of 4 KiB would share the same cache lines.
        int widest = Math.Max(InputCount, layers.Max(l => l.OutputCount));
        _stride = checked((widest + 15) / 16 * 16 + 16);
        _scratch = checked(layers.Max(l => l.ScratchCount) + 16);
        _rowsAtOnce = Math.Clamp(CacheFloats / (2 * _stride) / 4 * 4, 4, MostRows);
        Work = layers.Sum(l => l.Work);
    }

    /// <summary>Values a row in.</summary>
    public int InputCount => _layers[0].InputCount;

    /// <summary>Values a row out.</summary>
    public int OutputCount => _layers[^1].OutputCount;

    /// <summary>About the operations a row.</summary>
    public long Work { get; }

    /// <summary>The steps.</summary>
    public IReadOnlyList<NetworkLayer> Layers => _layers;

    /// <summary>Computes the outputs of rows.</summary>
    /// <param name="inputs">rows × <see cref="InputCount"/>, row-major.</param>
    /// <param name="outputs">Receives rows × <see cref="OutputCount"/>; all NaN in a row whose input holds a NaN or an infinity.</param>
    /// <param name="threads">Most threads to use; 0 for one a processor.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Forward(ReadOnlySpan<float> inputs, Span<float> outputs, int threads = 0)
    {
        int rows = inputs.Length / InputCount;
        if ((long)rows * InputCount != inputs.Length || (long)rows * OutputCount != outputs.Length)
        {
            throw new ArgumentException(
                $"There are {inputs.Length} inputs and room for {outputs.Length} outputs; expected {InputCount} and {OutputCount} a row.", nameof(inputs));
        }

        fixed (float* x = inputs, y = outputs)
        {
            var job = new Job(this, x, y);
            int piece = (int)Math.Max(_rowsAtOnce, PieceWork / Math.Max(Work, 1));
            RowSplitter.Run(rows, piece, Work, threads, job.Run);
        }
    }

    // *** Binary format *** (all numbers little-endian)
    // int32      number of layers
    // for each   byte kind, then
    //            0 dense: int32 inputs, int32 outputs, float[outputs·inputs] weights, float[outputs] bias
    //            1 activation: int32 count, byte NetworkActivation
    //            2 scaling: int32 count, float[count] factors, float[count] shifts
    //            3 convolution: int32 channels, height, width, int32 kernels, side, stride, padding, float[] weights, float[kernels] bias
    //            4 pooling: int32 channels, height, width, int32 side, stride, bool mean
    //            5 partial activation: int32 values kept, int32 values changed, byte NetworkActivation
    public void Write(BinaryWriter writer)
    {
        writer.Write(_layers.Length);
        foreach (NetworkLayer layer in _layers)
        {
            writer.Write(layer.Kind);
            layer.Write(writer);
        }
    }

    /// <exception cref="FormatException">The content contradicts itself or ends too early.</exception>
    public static Network Read(BinaryReader reader)
    {
        try
        {
            int count = reader.ReadInt32();
            if (count is < 1 or > MaxLayers)
                throw new FormatException($"a network claims {count} layers; 1 to {MaxLayers} are read");
            var layers = new NetworkLayer[count];
            for (int i = 0; i < count; i++)
                layers[i] = ReadLayer(reader);
            return new Network(layers);
        }
        catch (Exception e) when (e is EndOfStreamException or OverflowException or ArgumentException)
        {
            throw new FormatException($"The network is truncated or altered: {e.Message}", e);
        }
    }

    /// <summary>A count of at least 1 that is not absurd.</summary>
    internal static int ReadCount(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        return count is >= 1 and <= MaxCount ? count : throw new FormatException($"a count is {count}; 1 to {MaxCount} are read");
    }

    private static NetworkLayer ReadLayer(BinaryReader reader) => reader.ReadByte() switch
    {
        DenseLayer.KindNumber => DenseLayer.Read(reader),
        ActivationLayer.KindNumber => ActivationLayer.Read(reader),
        ScalingLayer.KindNumber => ScalingLayer.Read(reader),
        ConvolutionLayer.KindNumber => ConvolutionLayer.Read(reader),
        PoolingLayer.KindNumber => PoolingLayer.Read(reader),
        PartialActivationLayer.KindNumber => PartialActivationLayer.Read(reader),
        byte kind => throw new FormatException($"layer kind {kind} is unknown"),
    };

    /// <summary>One call's arrays, and the work on a piece of its rows.</summary>
    private sealed class Job(Network owner, float* inputs, float* outputs)
    {
        public void Run(int first, int count)
        {
            int together = Math.Min(owner._rowsAtOnce, count);
            int buffer = together * owner._stride;
            float[] rented = ArrayPool<float>.Shared.Rent(checked(2 * buffer + owner._scratch));
            rented.AsSpan(0, 2 * buffer + owner._scratch).Clear();
            fixed (float* start = rented)
            {
                for (int done = 0; done < count; done += together)
                    Together(first + done, Math.Min(together, count - done), start, start + buffer, start + 2 * buffer);
            }

            ArrayPool<float>.Shared.Return(rented);
        }

        private void Together(int first, int rows, float* here, float* there, float* scratch)
        {
            int inputCount = owner.InputCount, outputCount = owner.OutputCount, stride = owner._stride;
            ulong invalid = 0;
            for (int r = 0; r < rows; r++)
            {
                var source = new ReadOnlySpan<float>(inputs + (long)(first + r) * inputCount, inputCount);
                var target = new Span<float>(here + (long)r * stride, inputCount);
                source.CopyTo(target);
                if (IsFinite(source))
                    continue;
                target.Clear();
                invalid |= 1UL << r;
            }

            foreach (NetworkLayer layer in owner._layers)
            {
                if (layer.IsInPlace)
                {
                    layer.Forward(here, stride, here, stride, rows, scratch);
                    continue;
                }

                layer.Forward(here, stride, there, stride, rows, scratch);
                float* last = here;
                here = there;
                there = last;
            }

            for (int r = 0; r < rows; r++)
            {
                var target = new Span<float>(outputs + (long)(first + r) * outputCount, outputCount);
                if ((invalid >> r & 1) != 0)
                    target.Fill(float.NaN);
                else
                    new ReadOnlySpan<float>(here + (long)r * stride, outputCount).CopyTo(target);
            }
        }

        private static bool IsFinite(ReadOnlySpan<float> values)
        {
            Vector<float> bad = Vector<float>.Zero;
            int i = 0;
            for (; i + Vector<float>.Count <= values.Length; i += Vector<float>.Count)
                bad += new Vector<float>(values[i..]) * Vector<float>.Zero;
            bool finite = Vector.Sum(bad) == 0;
            for (; i < values.Length; i++)
                finite &= float.IsFinite(values[i]);
            return finite;
        }
    }
}
