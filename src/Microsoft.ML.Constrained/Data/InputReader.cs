using System;
using System.Collections.Generic;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>Reads a stage's inputs from the current row of a cursor or row object into a batch.</summary>
internal sealed class InputReader
{
    private readonly IReadOnlyList<StageInput> _inputs;
    private readonly ValueGetter<float>?[] _scalars;
    private readonly ValueGetter<VBuffer<float>>?[] _vectors;
    private VBuffer<float> _vector;

    public InputReader(DataViewRow source, BoundStage bound)
    {
        _inputs = bound.Stage.Inputs;
        _scalars = new ValueGetter<float>?[_inputs.Count];
        _vectors = new ValueGetter<VBuffer<float>>?[_inputs.Count];
        for (int i = 0; i < _inputs.Count; i++)
        {
            DataViewSchema.Column column = source.Schema[bound.InputColumns[i].Index];
            if (_inputs[i].Width == 0)
                _scalars[i] = source.GetGetter<float>(column);
            else
                _vectors[i] = source.GetGetter<VBuffer<float>>(column);
        }
    }

    /// <summary>Copies the current row's inputs to row <paramref name="slot"/> of <paramref name="batch"/>.</summary>
    public void Read(StageBatch batch, int slot)
    {
        for (int i = 0; i < _inputs.Count; i++)
        {
            float[] target = batch.Inputs[i];
            if (_scalars[i] is { } scalar)
            {
                scalar(ref target[slot]);
                continue;
            }

            int width = _inputs[i].Width;
            _vectors[i]!(ref _vector);
            Span<float> row = target.AsSpan(slot * width, width);
            if (_vector.Length == width)
                Copy(in _vector, row);
            else
                row.Fill(float.NaN); // A view may break its own promise of a known size; such a row is invalid, its neighbours are not.
        }
    }

    private static void Copy(in VBuffer<float> vector, Span<float> row)
    {
        if (vector.IsDense)
        {
            vector.GetValues().CopyTo(row);
            return;
        }

        row.Clear();
        ReadOnlySpan<float> values = vector.GetValues();
        ReadOnlySpan<int> indices = vector.GetIndices();
        for (int k = 0; k < values.Length; k++)
            row[indices[k]] = values[k];
    }
}
