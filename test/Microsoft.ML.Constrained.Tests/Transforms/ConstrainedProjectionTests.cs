using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Tests.Data;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

[TestClass]
public sealed class ConstrainedProjectionTests
{
    private static readonly string[] s_materials = ["Steel", "Wood", "Glass"];

    // The plan of DESIGN: everything within the row's own capacity, glass at most 30 % of the rest.
    private static readonly ConstraintSet s_limits = ConstraintSet.Over(s_materials)
        .Nonnegative()
        .Linear("capacity", "Steel + Wood + Glass <= @Capacity")
        .Linear("balance", "Glass <= 0.3 * (Steel + Wood)");

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Contract_HoldsForAVectorColumn() =>
        EstimatorContract.Verify(
            _mlContext,
            _mlContext.Transforms.ConstrainedProjection("Plan", "Score", s_limits),
            View(40),
            _mlContext.Data.LoadFromEnumerable(new[] { new NoScore() }),
            _mlContext.Data.LoadFromEnumerable(new[] { new ScalarScore() }),
            _mlContext.Data.LoadFromEnumerable(new[] { new DoubleCapacity() }));

    [TestMethod]
    public void Contract_HoldsForSeveralColumnsWithDiagnostics() =>
        EstimatorContract.Verify(
            _mlContext,
            _mlContext.Transforms.ConstrainedProjection(new ConstrainedProjectionOptions
            {
                OutputColumnName = "Plan",
                Constraints = s_limits,
                Weights = [1, 2, 4],
                Diagnostics = true,
                BatchSize = 7,
            }),
            View(40),
            _mlContext.Data.LoadFromEnumerable(new[] { new ScalarScore() }));

    [TestMethod]
    public void Contract_HoldsWhenTheInputIsReplaced() =>
        EstimatorContract.Verify(_mlContext, _mlContext.Transforms.ConstrainedProjection("Score", null, s_limits), View(10));

    [TestMethod]
    public void Output_SatisfiesTheConstraints()
    {
        IDataView view = _mlContext.Transforms.ConstrainedProjection("Plan", "Score", s_limits).Fit(View(200)).Transform(View(200));
        PlanRow[] rows = [.. _mlContext.Data.CreateEnumerable<PlanRow>(view, reuseRowObject: false)];
        Assert.HasCount(200, rows);
        foreach (PlanRow row in rows)
        {
            Assert.IsTrue(row.Plan.All(v => v >= 0));
            Assert.IsTrue(row.Plan.Sum(v => (double)v) <= row.Capacity + 1e-6 * Math.Max(1, row.Capacity));
            Assert.IsTrue(row.Plan[2] <= 0.3 * ((double)row.Plan[0] + row.Plan[1]) + 1e-6);
        }
    }

    [TestMethod]
    public void Output_OfAKnownRow_IsTheNearestPoint()
    {
        // {x + y = 1, x, y >= 0}: (1, 0.5) loses 0.25 in each slot; (3, 0) meets the corner (1, 0).
        ConstraintSet simplex = ConstraintSet.Over("x", "y").Simplex();
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Pair { V = [1, 0.5f] }, new Pair { V = [3, 0] } });
        IDataView result = _mlContext.Transforms.ConstrainedProjection("V", null, simplex).Fit(view).Transform(view);
        float[][] rows = [.. result.GetColumn<float[]>("V")];
        CollectionAssert.AreEqual(new[] { 0.75f, 0.25f }, rows[0]);
        CollectionAssert.AreEqual(new[] { 1f, 0f }, rows[1]);
    }

    [TestMethod]
    public void SlotNames_AreTheInputsOrElseTheVariables()
    {
        IDataView view = View(3);
        IDataView named = _mlContext.Transforms.Concatenate("Joined", "Wood", "Steel", "Glass").Fit(view).Transform(view);
        CollectionAssert.AreEqual(
            new[] { "Wood", "Steel", "Glass" }, Slots(_mlContext.Transforms.ConstrainedProjection("Plan", "Joined", s_limits).Fit(named).Transform(named), "Plan"));
        CollectionAssert.AreEqual(
            s_materials, Slots(_mlContext.Transforms.ConstrainedProjection("Plan", "Score", s_limits).Fit(view).Transform(view), "Plan"));
    }

    [TestMethod]
    public void Diagnostics_TellStatusDistanceViolationAndPrices()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("budget", "x + y <= 1").Linear("floor", "x >= -5");
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Pair { V = [1, 1] }, new Pair { V = [0, 0] }, new Pair { V = [float.NaN, 0] } });
        IDataView result = _mlContext.Transforms
            .ConstrainedProjection(new ConstrainedProjectionOptions { OutputColumnName = "P", InputColumnName = "V", Constraints = set, Diagnostics = true })
            .Fit(view)
            .Transform(view);
        CollectionAssert.AreEqual(new[] { "budget", "floor" }, Slots(result, "PShadowPrices"));
        CollectionAssert.AreEqual(new uint[] { 1, 1, 5 }, result.GetColumn<uint>("PStatus").ToArray());
        float[] distances = [.. result.GetColumn<float>("PDistance")];
        Assert.AreEqual(Math.Sqrt(0.5), distances[0], 1e-6);
        Assert.AreEqual(0, distances[1], 0);
        Assert.IsTrue(float.IsNaN(distances[2]));
        Assert.AreEqual(1, result.GetColumn<float>("PViolation").First(), 1e-6);
        float[] prices = result.GetColumn<float[]>("PShadowPrices").First();
        Assert.AreEqual(0.5, prices[0], 1e-6);
        Assert.AreEqual(0, prices[1], 1e-6);

        // The key's values are the statuses' names.
        VBuffer<ReadOnlyMemory<char>> names = default;
        result.Schema["PStatus"].GetKeyValues(ref names);
        Assert.AreEqual(nameof(SolverStatus.InvalidInput), names.DenseValues().ElementAt(4).ToString());
    }

    [TestMethod]
    [DataRow(RowPolicy.Closest)]
    [DataRow(RowPolicy.KeepInput)]
    [DataRow(RowPolicy.Missing)]
    public void BadRows_FollowThePolicyAndSpoilNoNeighbour(RowPolicy policy)
    {
        List<Row> rows = Rows(30);
        rows[3].Score[1] = float.NaN;
        rows[4].Capacity = float.PositiveInfinity;
        rows[11].Capacity = -2; // contradicts the non-negativity
        rows[12].Capacity = float.NaN;
        rows[20].Score[0] = float.NegativeInfinity;
        var options = new ConstrainedProjectionOptions { OutputColumnName = "Plan", InputColumnName = "Score", Constraints = s_limits, Policy = policy, Diagnostics = true, BatchSize = 8 };
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows);
        IDataView result = _mlContext.Transforms.ConstrainedProjection(options).Fit(view).Transform(view);
        uint[] statuses = [.. result.GetColumn<uint>("PlanStatus")];
        float[][] plans = [.. result.GetColumn<float[]>("Plan")];

        IDataView clean = View(30);
        float[][] expected = [.. _mlContext.Transforms.ConstrainedProjection(options).Fit(clean).Transform(clean).GetColumn<float[]>("Plan")];
        for (int i = 0; i < rows.Count; i++)
        {
            SolverStatus wanted = i switch
            {
                3 or 12 or 20 => SolverStatus.InvalidInput,
                11 => SolverStatus.PrimalInfeasible,
                _ => SolverStatus.Solved,
            };
            if (i == 4)
                continue; // an infinite capacity: see below
            Assert.AreEqual(wanted, (SolverStatus)statuses[i], $"row {i}");
            if (wanted == SolverStatus.Solved)
                CollectionAssert.AreEqual(expected[i], plans[i], $"row {i}");
            else if (policy == RowPolicy.KeepInput)
                CollectionAssert.AreEqual(rows[i].Score, plans[i], $"row {i}");
            else if (policy == RowPolicy.Missing || wanted == SolverStatus.InvalidInput)
                Assert.IsTrue(plans[i].All(float.IsNaN), $"row {i}");
            else
                Assert.IsTrue(plans[i].All(float.IsFinite), $"row {i}");
        }

        Assert.AreEqual(SolverStatus.InvalidInput, (SolverStatus)statuses[4]);
    }

    [TestMethod]
    public void ThrowPolicy_NamesTheRow()
    {
        List<Row> rows = Rows(30);
        rows[11].Capacity = -2;
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows);
        var options = new ConstrainedProjectionOptions { OutputColumnName = "Plan", InputColumnName = "Score", Constraints = s_limits, Policy = RowPolicy.Throw };
        IDataView result = _mlContext.Transforms.ConstrainedProjection(options).Fit(view).Transform(view);
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => result.GetColumn<float[]>("Plan").ToArray());
        StringAssert.Contains(e.Message, "Row 11 of projection 'Plan': no point satisfies its constraints");
    }

    [TestMethod]
    public void UnsolvedRows_AreReportedOnceForACursor()
    {
        List<Row> rows = Rows(30);
        rows[1].Capacity = rows[2].Capacity = -2;
        rows[3].Capacity = float.NaN;
        var messages = new List<string>();
        var mlContext = new MLContext(1);
        mlContext.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning)
                messages.Add(e.RawMessage);
        };
        IDataView view = mlContext.Data.LoadFromEnumerable(rows);
        mlContext.Transforms.ConstrainedProjection("Plan", "Score", s_limits).Fit(view).Transform(view).GetColumn<float[]>("Plan").ToArray();
        Assert.HasCount(1, messages);
        StringAssert.Contains(messages[0], "3 of 30 rows were not solved (2 PrimalInfeasible, 1 InvalidInput)");
    }

    [TestMethod]
    public void Fit_RefusesAnEmptySetByName()
    {
        ConstraintSet empty = ConstraintSet.Over(s_materials).Nonnegative().Linear("much", "Steel + Wood >= 5").Linear("little", "Steel + Wood <= 4").Linear("free", "Glass <= 9");
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(
            () => _mlContext.Transforms.ConstrainedProjection("Plan", "Score", empty).Fit(View(2)));
        StringAssert.Contains(e.Message, "'much', 'little' contradict each other");
        Assert.DoesNotContain("free", e.Message);
    }

    [TestMethod]
    public void Fit_OfAVectorOfWrongLength_NamesColumnAndBothLengths()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Pair { V = [1, 2] } });
        ConstraintSet set = ConstraintSet.Over(s_materials).Nonnegative();
        ArgumentOutOfRangeException e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _mlContext.Transforms.ConstrainedProjection("P", "V", set).Fit(view));
        StringAssert.Contains(e.Message, "input column 'V': expected Vector<Single, 3>, got Vector<Single, 2>");
    }

    [TestMethod]
    public void MissingColumns_AreNamedWithTheirRole()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Pair { V = [1, 2] } });
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("x + y <= @Budget");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _mlContext.Transforms.ConstrainedProjection("P", "V", set).Fit(view)).Message,
            "Could not find right-hand side column 'Budget'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _mlContext.Transforms.ConstrainedProjection("P", set).Fit(view)).Message,
            "Could not find input column 'x'");
    }

    [TestMethod]
    public void Options_AreCheckedByName()
    {
        void Refused<T>(Action<ConstrainedProjectionOptions> change, string part)
            where T : Exception
        {
            var options = new ConstrainedProjectionOptions { Constraints = s_limits };
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<T>(() => _mlContext.Transforms.ConstrainedProjection(options)).Message, part);
        }

        Refused<ArgumentNullException>(o => o.Constraints = null, "Constraints");
        Refused<ArgumentException>(o => o.OutputColumnName = " ", "OutputColumnName");
        Refused<ArgumentException>(o => o.InputColumnName = "", "InputColumnName");
        Refused<ArgumentException>(o => o.Weights = [1, 2], "2 values but the constraints have 3 variables");
        Refused<ArgumentException>(o => o.Weights = [1, 0, 1], "'Wood' must be positive");
        Refused<ArgumentException>(o => o.Weights = [1, 1, double.NaN], "'Glass' must be positive");
        Refused<ArgumentOutOfRangeException>(o => o.Tolerance = 0, "Tolerance");
        Refused<ArgumentOutOfRangeException>(o => o.Tolerance = double.NaN, "Tolerance");
        Refused<ArgumentOutOfRangeException>(o => o.Policy = (RowPolicy)77, "Policy");
        Refused<ArgumentOutOfRangeException>(o => o.BatchSize = 0, "BatchSize");
        Refused<ArgumentOutOfRangeException>(o => o.Threads = -1, "Threads");
        Assert.ThrowsExactly<ArgumentNullException>(() => _mlContext.Transforms.ConstrainedProjection((ConstrainedProjectionOptions)null!));
    }

    [TestMethod]
    public void LaterChangesOfTheOptions_ChangeNothing()
    {
        double[] weights = [1, 1, 1];
        var options = new ConstrainedProjectionOptions { OutputColumnName = "Plan", InputColumnName = "Score", Constraints = s_limits, Weights = weights };
        ConstrainedProjectionEstimator estimator = _mlContext.Transforms.ConstrainedProjection(options);
        List<object[]> before = DataViewValues.Rows(estimator.Fit(View(20)).Transform(View(20)));
        weights[0] = 100;
        options.OutputColumnName = "Other";
        DataViewValues.AssertEqual(before, DataViewValues.Rows(estimator.Fit(View(20)).Transform(View(20))));
    }

    [TestMethod]
    public void Chain_WorksInTheMiddleUnderCacheAndCheckpoint()
    {
        EstimatorChain<ITransformer> pipeline = _mlContext.Transforms.Concatenate("Features", "Steel", "Wood", "Glass")
            .AppendCacheCheckpoint(_mlContext)
            .Append(_mlContext.Transforms.ConstrainedProjection("Plan", "Features", s_limits))
            .Append(_mlContext.Transforms.CopyColumns("Copy", "Plan"))
            .Append((IEstimator<ITransformer>)_mlContext.Transforms.ConstrainedProjection("Plan", null, ConstraintSet.Over(s_materials).Bounds(0, 1)));
        IDataView view = View(50);
        IDataView result = pipeline.Fit(view).Transform(view);
        float[][] first = [.. result.GetColumn<float[]>("Copy")], second = [.. result.GetColumn<float[]>("Plan")];
        for (int i = 0; i < first.Length; i++)
            CollectionAssert.AreEqual(first[i].Select(v => Math.Clamp(v, 0f, 1f)).ToArray(), second[i]);
        DataViewValues.AssertEqual(DataViewValues.Rows(result), DataViewValues.Rows(_mlContext.Data.Cache(result)), "cached");
    }

    [TestMethod]
    public void CrossValidate_ScoresEveryFold()
    {
        IEstimator<ITransformer> pipeline = _mlContext.Transforms.ConstrainedProjection("Plan", "Score", s_limits)
            .Append(_mlContext.Transforms.CopyColumns("Label", "Capacity"))
            .Append(_mlContext.Transforms.CustomMapping<PlanRow, ScoreRow>((plan, score) => score.Score = plan.Plan.Sum(), null));
        IReadOnlyList<TrainCatalogBase.CrossValidationResult<RegressionMetrics>> folds =
            _mlContext.Regression.CrossValidate(View(60), pipeline, numberOfFolds: 3);
        Assert.HasCount(3, folds);
        foreach (TrainCatalogBase.CrossValidationResult<RegressionMetrics> fold in folds)
        {
            double expected = _mlContext.Data.CreateEnumerable<ScoredRow>(fold.ScoredHoldOutSet, reuseRowObject: false)
                .Average(r => Math.Pow(r.Score - r.Label, 2));
            Assert.AreEqual(expected, fold.Metrics.MeanSquaredError, 1e-6 * expected);
        }
    }

    [TestMethod]
    public void PredictionEngines_FromEightThreads_EqualSerialScoring()
    {
        IDataView view = View(400);
        ITransformer model = _mlContext.Transforms.ConstrainedProjection("Plan", "Score", s_limits).Fit(view);
        float[][] serial = [.. model.Transform(view).GetColumn<float[]>("Plan")];
        List<Row> rows = Rows(400);
        var results = new float[rows.Count][];

        // An engine is for one thread at a time, the model behind it for any number; an engine that owns its model disposes it.
        var options = new PredictionEngineOptions { OwnsTransformer = false };
        Parallel.ForEach(
            Enumerable.Range(0, rows.Count),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            () => _mlContext.Model.CreatePredictionEngine<Row, PlanRow>(model, options),
            (i, _, engine) =>
            {
                results[i] = engine.Predict(rows[i]).Plan;
                return engine;
            },
            engine => engine.Dispose());
        for (int i = 0; i < serial.Length; i++)
            CollectionAssert.AreEqual(serial[i], results[i], $"row {i}");
    }

    private static string[] Slots(IDataView view, string column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema[column].GetSlotNames(ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }

    private static List<Row> Rows(int count)
    {
        var random = new Random(7);
        var rows = new List<Row>();
        for (int i = 0; i < count; i++)
        {
            float[] score = [Next(random), Next(random), Next(random)];
            rows.Add(new Row { Score = score, Steel = score[0], Wood = score[1], Glass = score[2], Capacity = (float)(4 * random.NextDouble()), Name = "row " + i });
        }

        return rows;
    }

    private static float Next(Random random) => (float)(6 * random.NextDouble() - 2);

    private IDataView View(int count) => _mlContext.Data.LoadFromEnumerable(Rows(count));

    public sealed class Row
    {
        public string Name { get; set; } = "";

        [VectorType(3)]
        public float[] Score { get; set; } = new float[3];

        public float Steel { get; set; }

        public float Wood { get; set; }

        public float Glass { get; set; }

        public float Capacity { get; set; }
    }

    public sealed class PlanRow
    {
        [VectorType(3)]
        public float[] Plan { get; set; } = new float[3];

        public float Capacity { get; set; }
    }

    public sealed class ScoreRow
    {
        public float Score { get; set; }
    }

    public sealed class ScoredRow
    {
        public float Score { get; set; }

        public float Label { get; set; }
    }

    public sealed class Pair
    {
        [VectorType(2)]
        public float[] V { get; set; } = new float[2];
    }

    public sealed class NoScore
    {
        public float Capacity { get; set; }
    }

    public sealed class ScalarScore
    {
        public float Score { get; set; }

        public float Capacity { get; set; }
    }

    public sealed class DoubleCapacity
    {
        [VectorType(3)]
        public float[] Score { get; set; } = new float[3];

        public double Capacity { get; set; }
    }
}
