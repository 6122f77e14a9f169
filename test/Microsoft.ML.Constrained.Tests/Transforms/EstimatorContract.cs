using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Tests.Data;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

/// <summary>What ML.NET expects of every estimator and its transformer, checked through the public API.</summary>
internal static class EstimatorContract
{
    public static void Verify(MLContext mlContext, IEstimator<ITransformer> estimator, IDataView valid, params IDataView[] invalid)
    {
        foreach (IDataView view in invalid)
            AssertFailsAlike(estimator, view);

        SchemaShape promised = estimator.GetOutputSchema(Shape(valid.Schema));
        ITransformer transformer = estimator.Fit(valid);
        IDataView transformed = transformer.Transform(valid);
        Assert.AreEqual(Text(promised), Text(Shape(transformed.Schema)), "The promised schema differs from the delivered one.");
        Assert.AreEqual(Text(Shape(transformer.GetOutputSchema(valid.Schema))), Text(Shape(transformed.Schema)));

        List<object[]> rows = DataViewValues.Rows(transformed);
        DataViewValues.AssertEqual(rows, DataViewValues.Rows(transformer.Transform(valid)), "a second pass");
        DataViewValues.AssertEqual(rows, DataViewValues.Rows(estimator.Fit(valid).Transform(valid)), "a second Fit");
        AssertRowMapperAgrees(transformer, valid, rows);

        ITransformer loaded = RoundTrip(mlContext, transformer, valid.Schema, out DataViewSchema inputSchema);
        Assert.AreEqual(Text(Shape(valid.Schema)), Text(Shape(inputSchema)));
        IDataView again = loaded.Transform(valid);
        Assert.AreEqual(Text(Shape(transformed.Schema)), Text(Shape(again.Schema)), "The loaded model has another schema.");
        DataViewValues.AssertEqual(rows, DataViewValues.Rows(again), "loaded");
    }

    public static ITransformer RoundTrip(MLContext mlContext, ITransformer transformer, DataViewSchema schema, out DataViewSchema inputSchema)
    {
        using var stream = new MemoryStream();
        mlContext.Model.Save(transformer, schema, stream);
        return new MLContext().Model.Load(new MemoryStream(stream.ToArray()), out inputSchema);
    }

    /// <summary>The shape of a schema, as estimators promise it.</summary>
    public static SchemaShape Shape(DataViewSchema schema) => new(schema.Where(c => !c.IsHidden).Select(Shape));

    private static SchemaShape.Column Shape(DataViewSchema.Column column)
    {
        DataViewType type = column.Type;
        SchemaShape.Column.VectorKind kind = SchemaShape.Column.VectorKind.Scalar;
        if (type is VectorDataViewType vector)
        {
            kind = vector.IsKnownSize ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.VariableVector;
            type = vector.ItemType;
        }

        bool key = type is KeyDataViewType;
        if (type is KeyDataViewType keyType)
            type = keyType.RawType == typeof(uint) ? NumberDataViewType.UInt32 : throw new NotSupportedException(keyType.ToString());
        return SchemaShapes.Column(column.Name, kind, type, key, [.. column.Annotations.Schema.Select(Shape)]);
    }

    private static string Text(SchemaShape shape, string indent = "") => string.Join(
        Environment.NewLine,
        shape.OrderBy(c => c.Name, StringComparer.Ordinal).Select(c =>
            $"{indent}{c.Name}: {c.Kind} {c.ItemType}{(c.IsKey ? " key" : "")}" +
            (c.Annotations.Any() ? Environment.NewLine + Text(c.Annotations, indent + "  ") : "")));

    private static void AssertFailsAlike(IEstimator<ITransformer> estimator, IDataView view)
    {
        Exception promise = Assert.Throws<Exception>(() => estimator.GetOutputSchema(Shape(view.Schema)));
        Exception fit = Assert.Throws<Exception>(() => estimator.Fit(view));
        Assert.AreEqual(promise.GetType(), fit.GetType());
    }

    private static void AssertRowMapperAgrees(ITransformer transformer, IDataView valid, List<object[]> expected)
    {
        Assert.IsTrue(transformer.IsRowToRowMapper);
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(valid.Schema);
        Assert.AreSame(valid.Schema, mapper.InputSchema);
        DataViewSchema.Column[] active = DataViewValues.Choose(mapper.OutputSchema);
        using DataViewRowCursor cursor = valid.GetRowCursor(mapper.GetDependencies(active));
        using DataViewRow row = mapper.GetRow(cursor, active);
        Func<object>[] readers = [.. active.Select(c => DataViewValues.Reader(row, c))];
        ValueGetter<DataViewRowId> idGetter = row.GetIdGetter();
        var rows = new List<object[]>();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            idGetter(ref id);
            rows.Add([id, .. readers.Select(r => r())]);
        }

        DataViewValues.AssertEqual(expected, rows, "row mapper");
    }
}
