using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Data;

/// <summary>The cursor contract of the batched view, seen through a projection onto the box [0, 1].</summary>
[TestClass]
public sealed class BatchedDataViewTests
{
    private static readonly ConstraintSet s_box = ConstraintSet.Over("a", "b").Bounds(0, 1);

    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(15)]
    [DataRow(16)]
    [DataRow(17)]
    [DataRow(1000)]
    public void Rows_KeepOrderIdsAndPassedThroughColumns(int count)
    {
        IDataView source = View(count);
        IDataView view = Project(source, batchSize: 64);
        List<object[]> before = DataViewValues.Rows(source, "Name", "Loose", "V", "When"), after = DataViewValues.Rows(view, "Name", "Loose", "V", "When");
        DataViewValues.AssertEqual(before, after);
        Row[] rows = [.. Rows(count)];
        float[][] projected = [.. view.GetColumn<float[]>("P")];
        Assert.HasCount(count, projected);
        for (int i = 0; i < count; i++)
            CollectionAssert.AreEqual(rows[i].V.Select(v => Math.Clamp(v, 0f, 1f)).ToArray(), projected[i]);
        Assert.AreEqual(source.GetRowCount(), view.GetRowCount());
    }

    [TestMethod]
    public void Results_DoNotDependOnBatchSizeOrThreads()
    {
        List<object[]> expected = DataViewValues.Rows(Project(View(333), batchSize: 1, threads: 1));
        foreach ((int batch, int threads) in new[] { (1, 3), (2, 1), (7, 2), (64, 4), (1024, 0) })
            DataViewValues.AssertEqual(expected, DataViewValues.Rows(Project(View(333), batch, threads)), $"batch {batch}, threads {threads}");
    }

    [TestMethod]
    public void Cursor_ReportsPositionsAndActiveColumnsAsAsked()
    {
        IDataView view = Project(View(40), batchSize: 8);
        DataViewSchema.Column p = view.Schema["P"], name = view.Schema["Name"];
        using DataViewRowCursor cursor = view.GetRowCursor([p]);
        Assert.AreSame(view.Schema, cursor.Schema);
        Assert.IsTrue(cursor.IsColumnActive(p));
        Assert.IsFalse(cursor.IsColumnActive(name));
        Assert.IsFalse(cursor.IsColumnActive(view.Schema["V"]), "The source needs it; nobody asked for it.");
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(name));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(p));
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(p);
        VBuffer<float> value = default;
        Assert.AreEqual(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
        for (int i = 0; i < 40; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual(i, cursor.Position);
            Assert.AreEqual(0, cursor.Batch);
        }

        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(-1, cursor.Position);
        Assert.Throws<InvalidOperationException>(() => getter(ref value));
    }

    [TestMethod]
    public void Getter_NeverHandsOutItsOwnMemory()
    {
        IDataView view = Project(View(4), batchSize: 4);
        DataViewSchema.Column p = view.Schema["P"], loose = view.Schema["Loose"];
        using DataViewRowCursor cursor = view.GetRowCursor([p, loose]);
        ValueGetter<VBuffer<float>> getP = cursor.GetGetter<VBuffer<float>>(p), getLoose = cursor.GetGetter<VBuffer<float>>(loose);
        cursor.MoveNext();
        foreach (ValueGetter<VBuffer<float>> getter in new[] { getP, getLoose })
        {
            VBuffer<float> first = default, second = default;
            getter(ref first);
            float[] kept = [.. first.DenseValues()];
            VBufferEditor.CreateFromBuffer(ref first).Values.Fill(99);
            getter(ref second);
            CollectionAssert.AreEqual(kept, second.DenseValues().ToArray());
        }
    }

    [TestMethod]
    public void NoNewColumnAsked_ReadsNothingAhead()
    {
        int read = 0;
        IEnumerable<Row> Counted()
        {
            foreach (Row row in Rows(1000))
            {
                read++;
                yield return row;
            }
        }

        IDataView view = Project(_mlContext.Data.LoadFromEnumerable(Counted()), batchSize: 512);
        using (DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Name"]]))
        {
            cursor.MoveNext();
            Assert.AreEqual(0, cursor.Position);
        }

        Assert.IsTrue(read <= 2, $"{read} rows were read for one.");
        read = 0;
        using (DataViewRowCursor cursor = view.GetRowCursor([view.Schema["P"]]))
            cursor.MoveNext();
        Assert.IsTrue(read <= 20, $"{read} rows were read for a look at the first.");
    }

    [TestMethod]
    public void ShuffledSource_KeepsEveryRowsIdWithItsValues()
    {
        IDataView cached = _mlContext.Data.Cache(View(200));
        IDataView view = Project(cached, batchSize: 32);
        Assert.IsTrue(view.CanShuffle);
        Dictionary<string, string> expected = DataViewValues.Rows(view, "Name", "P").ToDictionary(r => r[0].ToString()!, DataViewValues.Text);
        DataViewSchema.Column[] columns = DataViewValues.Choose(view.Schema, "Name", "P");
        using DataViewRowCursor cursor = view.GetRowCursor(columns, new Random(3));
        List<object[]> shuffled = DataViewValues.Rows(cursor, columns);
        Assert.HasCount(200, shuffled);
        Assert.AreNotEqual("row 0", shuffled[0][1].ToString(), "The source was not shuffled.");
        foreach (object[] row in shuffled)
            Assert.AreEqual(expected[row[0].ToString()!], DataViewValues.Text(row));

        IDataView upstream = Project(_mlContext.Data.ShuffleRows(View(200), seed: 5), batchSize: 32);
        CollectionAssert.AreEquivalent(
            expected.Values.ToArray(), DataViewValues.Rows(upstream, "Name", "P").Select(DataViewValues.Text).ToArray());
    }

    [TestMethod]
    public void Cursors_OfOneView_WorkAtOnce()
    {
        IDataView view = Project(View(500), batchSize: 16);
        List<object[]> expected = DataViewValues.Rows(view);
        Parallel.For(0, 8, _ => DataViewValues.AssertEqual(expected, DataViewValues.Rows(view)));
        DataViewRowCursor[] set = view.GetRowCursorSet(DataViewValues.Choose(view.Schema), 4);
        Assert.HasCount(1, set);
        DataViewValues.AssertEqual(expected, DataViewValues.Rows(set[0], DataViewValues.Choose(view.Schema)));
        set[0].Dispose();
    }

    [TestMethod]
    public void SparseVectors_AreReadAsDenseOnes()
    {
        IDataView source = View(20);
        IDataView sparse = _mlContext.Transforms
            .CustomMapping<Row, Sparse>((row, result) => result.S = new VBuffer<float>(2, 1, [row.V[1]], [1]), null, outputSchemaDefinition: SparseSchema())
            .Fit(source)
            .Transform(source);
        IDataView view = _mlContext.Transforms.ConstrainedProjection("P", "S", s_box).Fit(sparse).Transform(sparse);
        Row[] rows = [.. Rows(20)];
        float[][] projected = [.. view.GetColumn<float[]>("P")];
        for (int i = 0; i < rows.Length; i++)
            CollectionAssert.AreEqual(new[] { 0f, Math.Clamp(rows[i].V[1], 0f, 1f) }, projected[i]);
    }

    [TestMethod]
    public void ReplacedColumn_HidesTheOldOneAndFollowsIt()
    {
        IDataView source = View(3);
        IDataView view = _mlContext.Transforms.ConstrainedProjection("V", null, s_box).Fit(source).Transform(source);
        DataViewSchema.Column[] named = [.. view.Schema.Where(c => c.Name == "V")];
        Assert.HasCount(2, named);
        Assert.IsTrue(named[0].IsHidden);
        Assert.AreEqual(named[0].Index + 1, named[1].Index);
        Assert.IsFalse(named[1].IsHidden);

        // Both can be read at once.
        using DataViewRowCursor cursor = view.GetRowCursor(named);
        List<object[]> rows = DataViewValues.Rows(cursor, named);
        CollectionAssert.AreEqual(Rows(3).First().V, (float[])rows[0][1]);
        CollectionAssert.AreEqual(Rows(3).First().V.Select(v => Math.Clamp(v, 0f, 1f)).ToArray(), (float[])rows[0][2]);
    }

    [TestMethod]
    public void Dispose_OfACursor_DisposesTheSource()
    {
        var source = new WatchedView(View(100));
        IDataView view = Project(source, batchSize: 4);
        foreach (string column in new[] { "P", "Name" })
        {
            DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
            cursor.MoveNext();
            Assert.AreEqual(1, source.OpenCursors);
            cursor.Dispose();
            cursor.Dispose();
            Assert.IsFalse(cursor.MoveNext());
            Assert.AreEqual(0, source.OpenCursors);
        }

        // A stage that is asked for a type that the column has not leaves no cursor open either.
        using (DataViewRowCursor cursor = view.GetRowCursor([view.Schema["P"]]))
            Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<double>(view.Schema["P"]));
        Assert.AreEqual(0, source.OpenCursors);
    }

    private static SchemaDefinition SparseSchema()
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Sparse));
        schema["S"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        return schema;
    }

    private IDataView Project(IDataView source, int batchSize, int threads = 0) => _mlContext.Transforms
        .ConstrainedProjection(new ConstrainedProjectionOptions { OutputColumnName = "P", InputColumnName = "V", Constraints = s_box, BatchSize = batchSize, Threads = threads })
        .Fit(source)
        .Transform(source);

    private IDataView View(int count) => _mlContext.Data.LoadFromEnumerable(Rows(count).ToArray());

    private static IEnumerable<Row> Rows(int count)
    {
        var random = new Random(2);
        for (int i = 0; i < count; i++)
        {
            yield return new Row
            {
                Name = "row " + i,
                V = [(float)(4 * random.NextDouble() - 2), (float)(4 * random.NextDouble() - 2)],
                Loose = [.. Enumerable.Range(0, 1 + i % 3).Select(k => (float)k + i)],
                When = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(i),
            };
        }
    }

    private sealed class Row
    {
        public string Name { get; set; } = "";

        [VectorType(2)]
        public float[] V { get; set; } = new float[2];

        public float[] Loose { get; set; } = [];

        public DateTime When { get; set; }
    }

    private sealed class Sparse
    {
        public VBuffer<float> S { get; set; }
    }
}
