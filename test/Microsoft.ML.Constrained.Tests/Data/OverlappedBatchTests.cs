using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Data;

/// <summary>Batches that are worked on in the background while others are read and handed out, seen through a projection onto 0 ≤ a ≤ @Limit.</summary>
[TestClass]
public sealed class OverlappedBatchTests
{
    private const int Batch = 256;

    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    [DataRow(0)]
    [DataRow(495)] // the small batches before the first full one have 16 + … + 128 = 240 rows
    [DataRow(496)]
    [DataRow(497)]
    [DataRow(751)]
    [DataRow(752)]
    [DataRow(753)]
    [DataRow(5000)]
    public void Rows_OfWhateverNumber_AreThoseOfTheSerialStage(int count)
    {
        IDataView source = View(count);
        List<object[]> expected = DataViewValues.Rows(Project(source, threads: 1)), actual = DataViewValues.Rows(Project(source, threads: 3));
        DataViewValues.AssertEqual(expected, actual);
        Assert.HasCount(count, actual);
        float[][] projected = [.. Project(source, threads: 3).GetColumn<float[]>("P")];
        Row[] rows = [.. Rows(count)];
        for (int i = 0; i < count; i++)
            Assert.AreEqual(Math.Clamp(rows[i].V[0], 0, rows[i].Limit), projected[i][0], $"row {i}");
    }

    [TestMethod]
    public void RowsWithoutASolution_KeepTheirOwnStatus()
    {
        Row[] rows = [.. Rows(3000)];
        int[] bad = [0, 241, 497, 1500, 1501, 2999];
        foreach (int i in bad)
            rows[i].V[0] = float.NaN;
        uint[] statuses = [.. Project(_mlContext.Data.LoadFromEnumerable(rows), threads: 2).GetColumn<uint>("PStatus")];
        for (int i = 0; i < rows.Length; i++)
            Assert.AreEqual((uint)(bad.Contains(i) ? SolverStatus.InvalidInput : SolverStatus.Solved), statuses[i], $"row {i}");
    }

    [TestMethod]
    public void PolicyThrow_InALateBatch_NamesTheRowAfterTheBatchesBeforeIt()
    {
        Row[] rows = [.. Rows(3000)];
        rows[2000].V[0] = float.NaN;
        IDataView view = Project(_mlContext.Data.LoadFromEnumerable(rows), threads: 2, RowPolicy.Throw);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["P"]]);
        int seen = 0;
        var e = Assert.Throws<InvalidOperationException>(() =>
        {
            while (cursor.MoveNext())
                seen++;
        });
        Assert.Contains("Row 2000", e.Message);
        Assert.AreEqual(240 + 6 * Batch, seen, "The batches before the one with the bad row are handed out.");
        Assert.Throws<InvalidOperationException>(() => cursor.MoveNext(), "Rows that were not computed are never handed out.");
    }

    [TestMethod]
    public void Dispose_WhileABatchIsInTheWorks_ClosesTheSource()
    {
        var source = new WatchedView(View(100_000));
        IDataView view = Project(source, threads: 2);
        for (int stop = 200; stop < 1400; stop += 101)
        {
            using (DataViewRowCursor cursor = view.GetRowCursor([view.Schema["P"]]))
            {
                for (int i = 0; i < stop; i++)
                    Assert.IsTrue(cursor.MoveNext());
                Assert.AreEqual(1, source.OpenCursors);
            }

            Assert.AreEqual(0, source.OpenCursors);
        }
    }

    [TestMethod]
    public void SourceThatFails_FailsTheCursor()
    {
        IDataView view = Project(_mlContext.Data.LoadFromEnumerable(Failing(1500)), threads: 2);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["P"]]);
        int seen = 0;
        var e = Assert.Throws<InvalidOperationException>(() =>
        {
            while (cursor.MoveNext())
                seen++;
        });
        Assert.Contains("lost", e.Message);
        Assert.IsLessThanOrEqualTo(1500, seen);
    }

    private static IEnumerable<Row> Failing(int count)
    {
        foreach (Row row in Rows(count))
            yield return row;
        throw new InvalidOperationException("The connection was lost.");
    }

    private static IEnumerable<Row> Rows(int count)
    {
        var random = new Random(3);
        for (int i = 0; i < count; i++)
            yield return new Row { Name = "row " + i, V = [(float)(4 * random.NextDouble() - 2)], Limit = (float)random.NextDouble() };
    }

    private IDataView View(int count) => _mlContext.Data.LoadFromEnumerable(Rows(count).ToArray());

    private IDataView Project(IDataView source, int threads, RowPolicy policy = RowPolicy.Missing) => _mlContext.Transforms
        .ConstrainedProjection(new ConstrainedProjectionOptions
        {
            OutputColumnName = "P",
            InputColumnName = "V",
            Constraints = ConstraintSet.Over("a").Nonnegative().Linear("a <= @Limit"),
            BatchSize = Batch,
            Threads = threads,
            Policy = policy,
            Diagnostics = true,
        })
        .Fit(source)
        .Transform(source);

    private sealed class Row
    {
        public string Name { get; set; } = "";

        [VectorType(1)]
        public float[] V { get; set; } = new float[1];

        public float Limit { get; set; }
    }
}
