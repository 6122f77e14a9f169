using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>A stage bound to the schema of its input: which columns it reads, which it adds, and the schema that results.</summary>
internal sealed class BoundStage
{
    private readonly int[] _sourceOf;
    private readonly int[] _outputOf;

    public BoundStage(RowStage stage, DataViewSchema input)
    {
        Stage = stage;
        InputSchema = input;
        InputColumns = [.. stage.Inputs.Select(i => Find(input, i))];
        Outputs = stage.DescribeOutputs(input);

        // A column that replaces another directly follows the one it hides, as ML.NET's own transforms place it.
        var builder = new DataViewSchema.Builder();
        var sources = new List<int>();
        var outputs = new List<int>();
        void Add(int output)
        {
            StageOutput added = Outputs[output];
            builder.AddColumn(added.Column, added.Type, added.Annotations);
            sources.Add(-1);
            outputs.Add(output);
        }

        var placed = new bool[Outputs.Count];
        foreach (DataViewSchema.Column column in input)
        {
            builder.AddColumn(column.Name, column.Type, column.Annotations);
            sources.Add(column.Index);
            outputs.Add(-1);
            for (int i = 0; i < placed.Length && !column.IsHidden; i++)
            {
                if (Outputs[i].Column != column.Name)
                    continue;
                Add(i);
                placed[i] = true;
            }
        }

        for (int i = 0; i < placed.Length; i++)
        {
            if (!placed[i])
                Add(i);
        }

        OutputSchema = builder.ToSchema();
        _sourceOf = [.. sources];
        _outputOf = [.. outputs];
    }

    public RowStage Stage { get; }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>One column of the input schema for each of the stage's inputs.</summary>
    public IReadOnlyList<DataViewSchema.Column> InputColumns { get; }

    public IReadOnlyList<StageOutput> Outputs { get; }

    /// <summary>The index in the input schema of a passed-through column of the output schema, or −1.</summary>
    public int SourceOf(int column) => _sourceOf[column];

    /// <summary>The index in <see cref="Outputs"/> of an added column of the output schema, or −1.</summary>
    public int OutputOf(int column) => _outputOf[column];

    /// <summary>Which columns of the output schema are among <paramref name="needed"/>.</summary>
    public bool[] ActiveColumns(IEnumerable<DataViewSchema.Column> needed)
    {
        var active = new bool[OutputSchema.Count];
        foreach (DataViewSchema.Column column in needed)
        {
            if (column.Index >= active.Length || OutputSchema[column.Index].Name != column.Name)
                throw new ArgumentException($"Column '{column.Name}' (index {column.Index}) is not in this view's schema.", nameof(needed));
            active[column.Index] = true;
        }

        return active;
    }

    /// <summary>Which of the stage's outputs are active.</summary>
    public bool[] WantedOutputs(bool[] active)
    {
        var wanted = new bool[Outputs.Count];
        for (int i = 0; i < active.Length; i++)
        {
            if (active[i] && _outputOf[i] >= 0)
                wanted[_outputOf[i]] = true;
        }

        return wanted;
    }

    /// <summary>The columns of the input schema that the active columns of the output schema depend on, each once.</summary>
    public IReadOnlyList<DataViewSchema.Column> SourceColumns(bool[] active)
    {
        var needed = new bool[InputSchema.Count];
        for (int i = 0; i < active.Length; i++)
        {
            if (active[i] && _sourceOf[i] >= 0)
                needed[_sourceOf[i]] = true;
        }

        if (WantedOutputs(active).Any(w => w))
        {
            foreach (DataViewSchema.Column column in InputColumns)
                needed[column.Index] = true;
        }

        return [.. InputSchema.Where(c => needed[c.Index])];
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, StageInput input)
    {
        if (schema.GetColumnOrNull(input.Column) is not { } column)
            throw new ArgumentOutOfRangeException("inputSchema", $"Could not find {input.Role} column '{input.Column}'");
        bool fits = input.Width == 0
            ? column.Type == NumberDataViewType.Single
            : column.Type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Single && vector.Size == input.Width;
        if (!fits)
        {
            string expected = input.Width == 0 ? "Single" : $"Vector<Single, {input.Width}>";
            throw new ArgumentOutOfRangeException(
                "inputSchema",
                $"Schema mismatch for {input.Role} column '{input.Column}': expected {expected}, got {column.Type}");
        }

        return column;
    }
}
