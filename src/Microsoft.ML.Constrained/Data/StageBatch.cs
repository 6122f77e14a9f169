using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Data;

/// <summary>
/// The buffers of one cursor or row object: inputs and outputs of up to <see cref="Capacity"/> rows, row-major, once or twice over, so
/// that one part can be filled or read while the stage works on the other. <see cref="First"/> and <see cref="Rows"/> say which rows
/// the stage works on.
/// </summary>
internal sealed class StageBatch
{
    private readonly IReadOnlyList<StageInput> _inputs;
    private readonly IReadOnlyList<StageOutput> _outputs;
    private readonly int _parts;

    public StageBatch(IReadOnlyList<StageInput> inputs, IReadOnlyList<StageOutput> outputs, bool[] wanted, int capacity, int parts = 1)
    {
        _inputs = inputs;
        _outputs = outputs;
        _parts = parts;
        Wanted = wanted;
        Inputs = new float[inputs.Count][];
        ValueBuffers = new float[outputs.Count][];
        KeyBuffers = new uint[outputs.Count][];
        Reserve(capacity);
    }

    /// <summary>Most rows that the stage works on at once: those of one part.</summary>
    public int Capacity { get; private set; }

    /// <summary>Where in the buffers the rows in use begin.</summary>
    public int First { get; set; }

    /// <summary>Rows in use.</summary>
    public int Rows { get; set; }

    /// <summary>Position of the first row in its view, for messages.</summary>
    public long FirstPosition { get; set; }

    /// <summary>For each input, its values of all parts' rows.</summary>
    public float[][] Inputs { get; }

    /// <summary>For each wanted output of <c>Single</c> values, those of all parts' rows; empty for others.</summary>
    public float[][] ValueBuffers { get; }

    /// <summary>For each wanted output of keys, those of all parts' rows; empty for others.</summary>
    public uint[][] KeyBuffers { get; }

    /// <summary>Which outputs somebody asked for.</summary>
    public bool[] Wanted { get; }

    /// <summary>Room for what the stage keeps between batches: scratch space, counts for its report.</summary>
    public object? State { get; set; }

    /// <summary>Makes room for more rows. What the buffers held is lost.</summary>
    public void Reserve(int capacity)
    {
        if (capacity <= Capacity)
            return;
        int rows = checked(capacity * _parts);
        for (int i = 0; i < Inputs.Length; i++)
            Inputs[i] = new float[checked(rows * _inputs[i].Count)];
        for (int i = 0; i < ValueBuffers.Length; i++)
        {
            bool key = _outputs[i].IsKey;
            ValueBuffers[i] = Wanted[i] && !key ? new float[checked(rows * _outputs[i].Count)] : [];
            KeyBuffers[i] = Wanted[i] && key ? new uint[rows] : [];
        }

        Capacity = capacity;
    }

    public ReadOnlySpan<float> Input(int index) => Inputs[index].AsSpan(First * _inputs[index].Count, Rows * _inputs[index].Count);

    /// <summary>The wanted values of an output, Rows × its values a row; empty when nobody wants them.</summary>
    public Span<float> Output(int index) => Wanted[index] ? ValueBuffers[index].AsSpan(First * _outputs[index].Count, Rows * _outputs[index].Count) : [];

    /// <summary>As <see cref="Output"/>, or room of the same size where nobody wants it but the work needs a place.</summary>
    public Span<float> OutputOrRoom(int index, ref float[] buffer) =>
        Wanted[index] ? Output(index) : Room(ref buffer, _outputs[index].Count);

    /// <summary>Room for <see cref="Rows"/> rows in a buffer that is kept for <see cref="Capacity"/> of them; what it held is no more.</summary>
    public Span<float> Room(ref float[] buffer, int width)
    {
        if (buffer.Length < Rows * width)
            buffer = new float[checked(Capacity * width)];
        return buffer.AsSpan(0, Rows * width);
    }

    /// <summary>Inputs of one value a row as the columns of one matrix, Rows × <paramref name="count"/>.</summary>
    public ReadOnlySpan<float> Gather(int first, int count, ref float[] buffer)
    {
        Span<float> rows = Room(ref buffer, count);
        for (int j = 0; j < count; j++)
        {
            ReadOnlySpan<float> column = Input(first + j);
            for (int i = 0; i < column.Length; i++)
                rows[(i * count) + j] = column[i];
        }

        return rows;
    }

    /// <summary>The wanted keys of an output, one a row; empty when nobody wants them.</summary>
    public Span<uint> Keys(int index) => Wanted[index] ? KeyBuffers[index].AsSpan(First, Rows) : [];

    /// <summary>Rounds the values of an output to <c>float</c>; nothing where nobody wants them.</summary>
    public void Write(int index, ReadOnlySpan<double> values)
    {
        Span<float> target = Output(index);
        for (int i = 0; i < target.Length; i++)
            target[i] = (float)values[i];
    }
}
