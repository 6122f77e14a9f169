using System;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>Getters of a stage's outputs over the row of a batch that <c>slot</c> names; it throws where there is no row.</summary>
internal static class OutputGetters
{
    public static Delegate Create(StageBatch batch, StageOutput output, int index, Func<int> slot)
    {
        if (output.IsKey)
        {
            ValueGetter<uint> key = (ref uint value) => value = batch.KeyBuffers[index][slot()];
            return key;
        }

        if (!output.IsVector)
        {
            ValueGetter<float> scalar = (ref float value) => value = batch.ValueBuffers[index][slot()];
            return scalar;
        }

        int width = output.Count;
        ValueGetter<VBuffer<float>> vector = (ref VBuffer<float> value) =>
        {
            ReadOnlySpan<float> row = batch.ValueBuffers[index].AsSpan(slot() * width, width);
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, width);
            row.CopyTo(editor.Values);
            value = editor.Commit();
        };
        return vector;
    }
}
