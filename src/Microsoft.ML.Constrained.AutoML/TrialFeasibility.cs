using System;
using System.Linq;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained;

/// <summary>How it is told on which held-out rows a model breaks what must hold.</summary>
public sealed class TrialFeasibility
{
    private readonly Func<MLContext, IDataView, FeasibilityMeasure> _measure;

    private TrialFeasibility(string name, Func<MLContext, IDataView, FeasibilityMeasure> measure) => (Name, _measure) = (name, measure);

    /// <summary>What is looked at, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether scores satisfy a constraint set.</summary>
    /// <param name="constraints">What must hold.</param>
    /// <param name="scoreColumnName">
    /// The column of the scores: a vector of <c>Single</c> with a slot for each variable, or a <c>Single</c> for a set of one variable.
    /// </param>
    /// <param name="tolerance">As of <see cref="ConstraintSet.Contains(ReadOnlySpan{float}, ReadOnlySpan{float}, double)"/>.</param>
    /// <exception cref="ArgumentException">The tolerance is negative or NaN, or the name is empty.</exception>
    public static TrialFeasibility Of(
        ConstraintSet constraints, string scoreColumnName = "Score", double tolerance = ConstraintSet.DefaultTolerance)
    {
        Check.NotNull(constraints, nameof(constraints));
        Check.NotEmpty(scoreColumnName, nameof(scoreColumnName));
        if (!(tolerance >= 0))
            throw new ArgumentException($"'{nameof(tolerance)}' must be at least 0, got {tolerance}.", nameof(tolerance));
        return new($"constraints on '{scoreColumnName}'", (_, scored) => Count(scored, constraints, scoreColumnName, tolerance));
    }

    /// <summary>Any other way to tell.</summary>
    /// <param name="name">What is looked at, for messages.</param>
    /// <param name="measure">Given the trial's context and the scored held-out rows, counts the rows and those that break what must hold.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static TrialFeasibility Create(string name, Func<MLContext, IDataView, FeasibilityMeasure> measure) =>
        new(Check.NotEmpty(name, nameof(name)), Check.NotNull(measure, nameof(measure)));

    /// <summary>Looks at scored rows.</summary>
    /// <param name="mlContext">The context of the trial.</param>
    /// <param name="scored">What a model made of held-out rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public FeasibilityMeasure Measure(MLContext mlContext, IDataView scored) =>
        _measure(Check.NotNull(mlContext, nameof(mlContext)), Check.NotNull(scored, nameof(scored)));

    private static FeasibilityMeasure Count(IDataView scored, ConstraintSet constraints, string name, double tolerance)
    {
        DataViewSchema schema = scored.Schema;
        DataViewSchema.Column score = Column(schema, name, "score");
        bool isVector = score.Type is VectorDataViewType { ItemType: NumberDataViewType { RawType: var item } } vector
            && item == typeof(float) && vector.Size == constraints.Dimension;
        if (!isVector && !(score.Type == NumberDataViewType.Single && constraints.Dimension == 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(scored),
                $"Schema mismatch for score column '{name}': expected a vector of {constraints.Dimension} Single, one for each variable of the " +
                $"constraints, got {score.Type}");
        }

        DataViewSchema.Column[] columns = [.. constraints.Columns.Select(c => Column(schema, c, "right-hand side"))];
        foreach (DataViewSchema.Column column in columns.Where(c => c.Type != NumberDataViewType.Single))
            throw new ArgumentOutOfRangeException(nameof(scored), $"Schema mismatch for right-hand side column '{column.Name}': expected Single, got {column.Type}");
        using DataViewRowCursor cursor = scored.GetRowCursor([score, .. columns]);
        Action<float[]> read = Reader(cursor, score, isVector);
        ValueGetter<float>[] getters = [.. columns.Select(cursor.GetGetter<float>)];
        float[] z = new float[constraints.Dimension], parameters = new float[columns.Length];
        long rows = 0, violating = 0;
        double largest = 0;
        while (cursor.MoveNext())
        {
            rows++;
            read(z);
            for (int i = 0; i < getters.Length; i++)
                getters[i](ref parameters[i]);
            if (!constraints.Contains(z, parameters, tolerance))
                violating++;
            largest = Math.Max(largest, constraints.Violation(z, parameters));
        }

        return new FeasibilityMeasure(rows, violating, largest);
    }

    private static Action<float[]> Reader(DataViewRow row, DataViewSchema.Column column, bool isVector)
    {
        if (!isVector)
        {
            ValueGetter<float> scalar = row.GetGetter<float>(column);
            return z => scalar(ref z[0]);
        }

        ValueGetter<VBuffer<float>> vector = row.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        return z =>
        {
            vector(ref buffer);
            buffer.CopyTo(z);
        };
    }

    private static DataViewSchema.Column Column(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(nameof(schema), $"Could not find {role} column '{name}'");
}
