using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Tests.Data;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class TrainingDataTests
{
    private const TrainingColumnKinds Any = TrainingColumnKinds.Scalar | TrainingColumnKinds.Vector | TrainingColumnKinds.Key;

    private readonly MLContext _mlContext = new(1);
    private readonly List<string> _warnings = [];

    [TestInitialize]
    public void Listen() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.Message);
    };

    [TestMethod]
    public void Read_ScalarVectorAndKey_GivesTheirValues()
    {
        TrainingData data = Read(new Row { X = [1, 2], Y = 3, K = 0 }, new Row { X = [4, 5], Y = 6, K = 2 });
        Assert.AreEqual(2, data.Rows);
        CollectionAssert.AreEqual(new float[] { 1, 2, 4, 5 }, data.Columns[0].Values);
        CollectionAssert.AreEqual(new float[] { 3, 6 }, data.Columns[1].Values);
        CollectionAssert.AreEqual(new float[] { 0, 2 }, data.Columns[2].Values);
        Assert.IsTrue(data.Columns[0].IsVector && !data.Columns[1].IsVector);
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Read_UnusableRows_AreLeftOutAndCountedInOneWarning()
    {
        TrainingData data = Read(
            new Row { X = [1, float.NaN], Y = 1, K = 1 }, new Row { X = [1, 2], Y = float.PositiveInfinity, K = 1 },
            new Row { X = [7, 8], Y = 9, K = 2 }, new Row { X = [1, 2], Y = 1, K = 3 });
        Assert.AreEqual(1, data.Rows);
        Assert.AreEqual(3, data.SkippedRows);
        CollectionAssert.AreEqual(new float[] { 7, 8 }, data.Columns[0].Values);
        Assert.HasCount(1, _warnings);
        StringAssert.Contains(_warnings[0], "3 of 4 rows");
        StringAssert.Contains(_warnings[0], "'X', 'Y', 'K'");
    }

    [TestMethod]
    public void Read_NoUsableRow_Throws()
    {
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Read()).Message, "no row");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Read(new Row { K = 1, Y = float.NaN })).Message, "each of the 1 rows");
    }

    [TestMethod]
    public void Read_WrongColumns_AreNamed()
    {
        IDataView view = View(new Row());
        string Message(string name, TrainingColumnKinds kinds) => Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => TrainingData.Read(Host, view, [new TrainingColumn(name, "label", kinds)], default)).Message;

        StringAssert.Contains(Message("Z", Any), "Could not find label column 'Z'");
        StringAssert.Contains(Message("X", TrainingColumnKinds.Scalar), "expected Single, got Vector<Single, 2>");
        StringAssert.Contains(Message("Y", TrainingColumnKinds.Vector), "expected Vector<Single> of known size, got Single");
        StringAssert.Contains(Message("K", TrainingColumnKinds.Scalar | TrainingColumnKinds.Vector), "expected Single or Vector<Single> of known size, got Key");
    }

    [TestMethod]
    public void Read_ManyRows_ClosesItsCursorAndReadsOnce()
    {
        var view = new WatchedView(View([.. Enumerable.Range(0, 5000).Select(i => new Row { X = [i, -i], Y = 2 * i, K = 1 })]));
        TrainingData data = TrainingData.Read(Host, view, [new TrainingColumn("X", "feature", Any), new TrainingColumn("Y", "label", Any)], default);
        Assert.AreEqual(0, view.OpenCursors);
        for (int i = 0; i < 5000; i++)
        {
            Assert.AreEqual(-i, data.Columns[0].Values[(2 * i) + 1]);
            Assert.AreEqual(2 * i, data.Columns[1].Values[i]);
        }
    }

    [TestMethod]
    public void Split_SharesRowsAndFollowsItsSeed()
    {
        TrainingSplit split = TrainingSplit.Create(101, 0.2, new Random(1));
        Assert.HasCount(20, split.Validation);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 101).ToArray(), split.Training.Concat(split.Validation).ToArray());
        CollectionAssert.AreEqual(split.Validation, TrainingSplit.Create(101, 0.2, new Random(1)).Validation);
        CollectionAssert.AreNotEqual(split.Validation, TrainingSplit.Create(101, 0.2, new Random(2)).Validation);
        Assert.HasCount(1, TrainingSplit.Create(1, 0.9, new Random(1)).Training);
        Assert.AreSame(TrainingSplit.Create(3, 0.1, new Random(1)) is var small ? small.Training : null, small.Measured);
    }

    private IHost Host => ((IHostEnvironment)_mlContext).Register("test");

    private TrainingData Read(params Row[] rows) => TrainingData.Read(
        Host, View(rows), [new TrainingColumn("X", "feature", Any), new TrainingColumn("Y", "label", Any), new TrainingColumn("K", "group", Any)], default);

    private IDataView View(params Row[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private sealed class Row
    {
        [VectorType(2)]
        public float[] X { get; set; } = new float[2];

        public float Y { get; set; }

        // Loaded as the key K + 1; 3 and above are missing.
        [KeyType(3)]
        public uint K { get; set; }
    }
}
