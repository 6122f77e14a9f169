using System;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Tests.Transforms;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Microsoft.ML.Constrained.Tests.Trainers.DecisionRowsData;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class DecisionFocusedTransformerTests : LayerTest
{
    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void DelegateSolver_TrainsAndScoresButIsNotSaved()
    {
        var solver = new DelegateSolver(Items, Sense.Maximize, (costs, decision) => Knapsack.Solve(costs, decision));
        IDataView data = Values(60);
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(Options(o => (o.Solver, o.Epochs) = (solver, 2))).Fit(data);
        Assert.HasCount(60, model.Transform(data).GetColumn<float[]>("Decision").ToArray());
        Exception? e = Assert.Throws<Exception>(() => _mlContext.Model.Save(model, data.Schema, new MemoryStream()));
        while (e is not NotSupportedException && e is not null)
            e = e.InnerException;
        StringAssert.Contains(e?.Message, "cannot be saved");
    }

    [TestMethod]
    public void SavedModel_KeepsSolverNamesAndHistory()
    {
        IDataView data = _mlContext.Transforms.Concatenate("Label", "Bread", "Wine").Fit(Groceries()).Transform(Groceries());
        DecisionFocusedTransformer model =
            _mlContext.Regression.Trainers.DecisionFocused(Options(o => (o.Solver, o.Epochs, o.ValidationFraction) = (new TopKSolver(2, 1), 4, 0))).Fit(data);
        var loaded = (DecisionFocusedTransformer)EstimatorContract.RoundTrip(_mlContext, model, data.Schema, out _);
        Assert.AreEqual(1, ((TopKSolver)loaded.Solver).K);
        Assert.HasCount(4, loaded.Training.History);
        Assert.AreEqual(model.Training.History[3].ValidationLoss, loaded.Training.History[3].ValidationLoss);
        VBuffer<ReadOnlyMemory<char>> names = default;
        loaded.GetOutputSchema(data.Schema)["Decision"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "Bread", "Wine" }, names.DenseValues().Select(n => n.ToString()).ToArray());

        IDataView Groceries() => _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 12).Select(i => new Grocery { Features = [i, 1], Bread = i, Wine = 6 }).ToArray());
    }

    [TestMethod]
    public void SavedModel_KeepsSlotNamesThatAreEmpty()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Row));
        string[] given = ["a", "", "c", " ", "e"];
        VBuffer<ReadOnlyMemory<char>> names = new(Items, [.. given.Select(n => n.AsMemory())]);
        definition["Label"].AddAnnotation("SlotNames", names, new VectorDataViewType(TextDataViewType.Instance, Items));
        IDataView data = _mlContext.Data.LoadFromEnumerable(Rows(20, 2, 1), definition);
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.Epochs = 1)).Fit(data);
        ITransformer loaded = EstimatorContract.RoundTrip(_mlContext, model, data.Schema, out _);
        loaded.Transform(data).Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(given, names.DenseValues().Select(n => n.ToString()).ToArray());
    }

    [TestMethod]
    public void Score_Alone_CallsNoSolver()
    {
        int calls = 0;
        var solver = new DelegateSolver(Items, Sense.Maximize, (_, decision) =>
        {
            Interlocked.Increment(ref calls);
            return SolverStatus.Solved;
        });
        IDataView data = Values(40);
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(Options(o => (o.Solver, o.Epochs) = (solver, 1))).Fit(data);
        calls = 0;
        Assert.HasCount(40, model.Transform(data).GetColumn<float[]>("Score").ToArray());
        Assert.AreEqual(0, calls);
        Assert.HasCount(40, model.Transform(data).GetColumn<float[]>("Decision").ToArray());
        Assert.AreEqual(40, calls);
    }

    [TestMethod]
    public void Policy_Throw_NamesTheRow()
    {
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(Options(o => (o.Policy, o.Epochs) = (RowPolicy.Throw, 1))).Fit(Values(20));
        Row[] rows = [.. Rows(3, 1, 1), new() { Features = [0, float.NaN, 0, 0] }];
        IDataView scored = model.Transform(_mlContext.Data.LoadFromEnumerable(rows));
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => scored.GetColumn<float[]>("Decision").ToArray()).Message, "Row 3 of decisions 'Decision'");
    }

    [TestMethod]
    public void Payload_AsDocumented_IsReadAndADamagedOneIsRefused()
    {
        using var written = new MemoryStream();
        using (var writer = new BinaryWriter(written, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write("Features");
            writer.Write("Chosen");
            writer.Write((byte)RowPolicy.Missing);
            writer.Write(false);
            writer.Write(16);
            writer.Write(1);
            writer.Write(true);
            writer.Write(2);
            writer.Write("a");
            writer.Write("b");
            SolverFormat.Write(writer, new TopKSolver(2, 1));
            new Network([new DenseLayer([1, 0, 0, 2], [0.5f, 0], 2)]).Write(writer);
            new TrainingSummary(TrainingStatus.Feasible, TrainingStop.EpochsDone, 1, 10, 2, 0, [new TrainingEpoch(1, 2, 3, 0, true, 0.1)]).Write(writer);
        }

        byte[] payload = written.ToArray();
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Two { Features = [1, 1] } });
        CollectionAssert.AreEqual(new[] { 1.5f, 2f }, Read(payload).Transform(view).GetColumn<float[]>("Score").Single());
        CollectionAssert.AreEqual(new[] { 0f, 1f }, Read(payload).Transform(view).GetColumn<float[]>("Chosen").Single());
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = i % 4 == 0 ? payload[..random.Next(payload.Length)] : (byte[])payload.Clone();
            if (i % 4 != 0)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                // What is still a description may be read: the checksum, which is not at hand here, guards against that.
                Read(damaged);
            }
            catch (Exception e) when (e is FormatException or IOException or ArgumentException or OverflowException or InvalidOperationException)
            {
                Assert.AreNotEqual("", e.Message);
            }

            Assert.IsLessThan(32 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        DecisionFocusedTransformer Read(byte[] bytes) => DecisionFocusedTransformer.Read(_mlContext, new BinaryReader(new MemoryStream(bytes)));
    }

    private IDataView Values(int rows) => _mlContext.Data.LoadFromEnumerable(Rows(rows, 2, 1));

    private sealed class Grocery
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Bread { get; set; }

        public float Wine { get; set; }
    }

    private sealed class Two
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
