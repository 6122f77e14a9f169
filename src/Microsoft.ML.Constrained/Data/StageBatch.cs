using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Data;

/// <summary>The buffers of one cursor or row object: inputs and outputs of up to <see cref="Capacity"/> rows, row-major.</summary>
internal sealed class StageBatch
{
    private readonly IReadOnlyList<StageInput> _inputs;
    private readonly IReadOnlyList<StageOutput> _outputs;

    public StageBatch(IReadOnlyList<StageInput> inputs, IReadOnlyList<StageOutput> outputs, bool[] wanted, int capacity)
    {
        _inputs = inputs;
        _outputs = outputs;
        Wanted = wanted;
        Inputs = new float[inputs.Count][];
        Values = new float[outputs.Count][];
        Keys = new uint[outputs.Count][];
        Reserve(capacity);
    }

    /// <summary>Rows that the buffers hold.</summary>
    public int Capacity { get; private set; }

    /// <summary>Rows in use.</summary>
    public int Rows { get; set; }

    /// <summary>Position of the first row in its view, for messages.</summary>
    public long FirstPosition { get; set; }

    /// <summary>For each input, Capacity × its values a row.</summary>
    public float[][] Inputs { get; }

    /// <summary>For each wanted output of <c>Single</c> values, Capacity × its values a row; empty for others.</summary>
    public float[][] Values { get; }

    /// <summary>For each wanted output of keys, Capacity values; empty for others.</summary>
    public uint[][] Keys { get; }

    /// <summary>Which outputs somebody asked for.</summary>
    public bool[] Wanted { get; }

    /// <summary>Room for what the stage keeps between batches: scratch space, counts for its report.</summary>
    public object? State { get; set; }

    /// <summary>Makes room for more rows. What the buffers held is lost.</summary>
    public void Reserve(int capacity)
    {
        if (capacity <= Capacity)
            return;
        for (int i = 0; i < Inputs.Length; i++)
            Inputs[i] = new float[checked(capacity * _inputs[i].Count)];
        for (int i = 0; i < Values.Length; i++)
        {
            bool key = _outputs[i].IsKey;
            Values[i] = Wanted[i] && !key ? new float[checked(capacity * _outputs[i].Count)] : [];
            Keys[i] = Wanted[i] && key ? new uint[capacity] : [];
        }

        Capacity = capacity;
    }

    public ReadOnlySpan<float> Input(int index) => Inputs[index].AsSpan(0, Rows * _inputs[index].Count);

    /// <summary>The wanted values of an output, Rows × its values a row; empty when nobody wants them.</summary>
    public Span<float> Output(int index) => Wanted[index] ? Values[index].AsSpan(0, Rows * _outputs[index].Count) : [];

    /// <summary>Rounds the values of an output to <c>float</c>; nothing where nobody wants them.</summary>
    public void Write(int index, ReadOnlySpan<double> values)
    {
        Span<float> target = Output(index);
        for (int i = 0; i < target.Length; i++)
            target[i] = (float)values[i];
    }
}
