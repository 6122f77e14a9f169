using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Tests.Data;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

[TestClass]
public sealed class CombinatorialSolverStageTests
{
    // Items of weight 3, 5, 4, 2 and 7 in a sack for 9.
    private static readonly int[] s_weights = [3, 5, 4, 2, 7];
    private static readonly KnapsackSolver s_knapsack = new(s_weights, 9);

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Contract_Holds()
    {
        IDataView[] invalid = [_mlContext.Data.LoadFromEnumerable(new[] { new Other() }), _mlContext.Data.LoadFromEnumerable(new[] { new Scalar() })];
        EstimatorContract.Verify(_mlContext, _mlContext.Transforms.CombinatorialSolver("Chosen", "Values", s_knapsack), View(40), invalid);
        EstimatorContract.Verify(
            _mlContext,
            _mlContext.Transforms.CombinatorialSolver(new CombinatorialSolverOptions
            {
                OutputColumnName = "Values",
                CostColumnName = "Values",
                Solver = new AcyclicShortestPathSolver(4, [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)], 0, 3),
                DecisionNames = ["a", "b", "c", "d", "e"],
                Diagnostics = true,
                BatchSize = 7,
                Threads = 2,
            }),
            View(30, spoil: 9),
            invalid);
    }

    [TestMethod]
    public void Decisions_AreBestAmongAllChoices()
    {
        IDataView view = View(200);
        float[][] values = [.. view.GetColumn<float[]>("Values")];
        var options = new CombinatorialSolverOptions { OutputColumnName = "Chosen", CostColumnName = "Values", Solver = s_knapsack, Diagnostics = true };
        IDataView result = _mlContext.Transforms.CombinatorialSolver(options).Fit(view).Transform(view);
        float[][] chosen = [.. result.GetColumn<float[]>("Chosen")];
        float[] objectives = [.. result.GetColumn<float>("ChosenObjective")];
        for (int row = 0; row < values.Length; row++)
        {
            double best = 0;
            for (int subset = 0; subset < 32; subset++)
            {
                int weight = Enumerable.Range(0, 5).Sum(i => (subset >> i & 1) * s_weights[i]);
                double value = Enumerable.Range(0, 5).Sum(i => (subset >> i & 1) * (double)values[row][i]);
                best = weight <= 9 ? Math.Max(best, value) : best;
            }

            Assert.AreEqual(best, chosen[row].Zip(values[row], (y, w) => (double)y * w).Sum(), 1e-9, $"row {row}");
            Assert.AreEqual((float)best, objectives[row], 1e-5f);
            Assert.IsTrue(chosen[row].All(y => y is 0 or 1) && chosen[row].Select((y, i) => y * s_weights[i]).Sum() <= 9);
        }
    }

    [TestMethod]
    public void RowsThatCannotBeSolved_AreMissingWithAStatusAndLeaveTheirNeighboursAlone()
    {
        // A grid takes no negative costs; the second row has one, the third a NaN, the fourth an infinity.
        Row[] rows =
        [
            new() { Values = [1, 2, 1, 9, 1] }, new() { Values = [1, -2, 1, 9, 1] }, new() { Values = [1, float.NaN, 1, 9, 1] },
            new() { Values = [1, 2, float.PositiveInfinity, 9, 1] }, new() { Values = [0, 0, 0, 0, 0] },
        ];
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows);
        var options = new CombinatorialSolverOptions
        {
            OutputColumnName = "Path", CostColumnName = "Values", Solver = new GridShortestPathSolver(1, 5), Diagnostics = true,
        };
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.RawMessage.Contains("not solved", StringComparison.Ordinal))
                warnings.Add(e.RawMessage);
        };
        IDataView result = _mlContext.Transforms.CombinatorialSolver(options).Fit(view).Transform(view);
        const uint Solved = (uint)SolverStatus.Solved, Invalid = (uint)SolverStatus.InvalidInput;
        CollectionAssert.AreEqual(new[] { Solved, Invalid, Invalid, Invalid, Solved }, result.GetColumn<uint>("PathStatus").ToArray());
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "3 of 5 rows");
        float[][] paths = [.. result.GetColumn<float[]>("Path")];
        float[] costs = [.. result.GetColumn<float>("PathObjective")];
        CollectionAssert.AreEqual(new[] { 14f, 0f }, new[] { costs[0], costs[4] });
        for (int row = 0; row < 5; row++)
        {
            bool solved = row is 0 or 4;
            Assert.IsTrue(paths[row].All(y => solved ? y == 1 : float.IsNaN(y)), $"row {row}");
            Assert.AreEqual(!solved, float.IsNaN(costs[row]));
        }

        options.Policy = RowPolicy.Throw;
        IDataView thrown = _mlContext.Transforms.CombinatorialSolver(options).Fit(view).Transform(view);
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => thrown.GetColumn<float[]>("Path").ToArray()).Message, "Row 1");
    }

    [TestMethod]
    public void NegativeCosts_AreSolvedWhereTheSolverTakesThem()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Row { Values = [-1, -5, 3, -4, 0] } });
        CombinatorialSolverTransformer model = _mlContext.Transforms.CombinatorialSolver("Y", "Values", new TopKSolver(5, 2, Sense.Minimize)).Fit(view);
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 1, 0 }, model.Transform(view).GetColumn<float[]>("Y").Single());
    }

    [TestMethod]
    public void SparseAndDenseCosts_GiveTheSameDecision()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(
            new[] { new Sparse { Values = new VBuffer<float>(5, 2, [7, 1], [1, 4]) }, new Sparse { Values = new VBuffer<float>(5, [0, 7, 0, 0, 1]) } });
        float[][] chosen = [.. _mlContext.Transforms.CombinatorialSolver("Y", "Values", s_knapsack).Fit(view).Transform(view).GetColumn<float[]>("Y")];
        CollectionAssert.AreEqual(chosen[1], chosen[0]);
    }

    [TestMethod]
    public void EverySolver_IsSavedAndLoaded()
    {
        (int, int)[] ring = [(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)];
        ICombinatorialSolver[] solvers =
        [
            new GridShortestPathSolver(5, 1), new ShortestPathSolver(4, ring, 0, 3), new AcyclicShortestPathSolver(4, ring, 0, 3, Sense.Maximize),
            new TopKSolver(5, 2), new RankingSolver(5), new AssignmentSolver(1, 5), new SpanningTreeSolver(4, ring), s_knapsack,
            new KnapsackSolver([[1, 2], [2, 1], [3, 3], [1, 1], [2, 2]], [4, 5]),
            new BipartiteMatchingSolver(3, [(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)]), new PerfectMatchingSolver(4, ring),
        ];
        IDataView view = View(20);
        foreach (ICombinatorialSolver solver in solvers)
        {
            CombinatorialSolverTransformer model = _mlContext.Transforms.CombinatorialSolver("Y", "Values", solver).Fit(view);
            var loaded = (CombinatorialSolverTransformer)EstimatorContract.RoundTrip(_mlContext, model, view.Schema, out _);
            Assert.AreEqual(solver.GetType(), loaded.Solver.GetType());
            Assert.AreEqual(solver.Sense, loaded.Solver.Sense);
            DataViewValues.AssertEqual(DataViewValues.Rows(model.Transform(view)), DataViewValues.Rows(loaded.Transform(view)), solver.GetType().Name);
        }
    }

    [TestMethod]
    public void Payload_AsDocumented_IsReadAndADamagedOneIsRefused()
    {
        using var written = new MemoryStream();
        using (var writer = new BinaryWriter(written, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write("Chosen");
            writer.Write("Values");
            writer.Write(false);
            writer.Write((byte)RowPolicy.Missing);
            writer.Write(true);
            writer.Write(16);
            writer.Write(1);
            foreach (byte b in new byte[] { 1, 4, 1 })
                writer.Write(b);
            writer.Write(5);
            writer.Write(2);
        }

        byte[] payload = written.ToArray();
        Assert.AreEqual(2, ((TopKSolver)Read(payload).Solver).K);
        Assert.AreEqual("Values", Read(payload).CostColumnName);
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = i % 4 == 0 ? payload[..random.Next(payload.Length)] : (byte[])payload.Clone();
            if (i % 4 != 0)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                // What is still a description may be read: the checksum, which is not at hand here, guards against that.
                Read(damaged);
            }
            catch (Exception e) when (e is FormatException or IOException or ArgumentException)
            {
                Assert.AreNotEqual("", e.Message);
            }
        }

        CombinatorialSolverTransformer Read(byte[] bytes) => CombinatorialSolverTransformer.Read(_mlContext, new BinaryReader(new MemoryStream(bytes)));
    }

    [TestMethod]
    public void DelegateSolver_DecidesButIsNotSaved()
    {
        var first = new DelegateSolver(5, Sense.Minimize, (costs, decision) =>
        {
            decision[0] = costs[0] > 100 ? float.NaN : 1;
            return SolverStatus.Solved;
        });
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Row(), new Row { Values = [101, 0, 0, 0, 0] } });
        var options = new CombinatorialSolverOptions { OutputColumnName = "Y", CostColumnName = "Values", Solver = first, Diagnostics = true };
        CombinatorialSolverTransformer model = _mlContext.Transforms.CombinatorialSolver(options).Fit(view);
        float[][] decisions = [.. model.Transform(view).GetColumn<float[]>("Y")];
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 0, 0 }, decisions[0]);
        Assert.IsTrue(decisions[1].All(float.IsNaN));
        CollectionAssert.AreEqual(
            new[] { (uint)SolverStatus.Solved, (uint)SolverStatus.NumericalError }, model.Transform(view).GetColumn<uint>("YStatus").ToArray());

        using var stream = new MemoryStream();
        Exception? e = Assert.Throws<Exception>(() => _mlContext.Model.Save(model, view.Schema, stream));
        while (e is not NotSupportedException && e is not null)
            e = e.InnerException;
        StringAssert.Contains(e?.Message, "A DelegateSolver cannot be saved");
    }

    [TestMethod]
    public void SolverOfAUser_IsNotTrustedWithNaN()
    {
        IDataView view = View(3);
        var options = new CombinatorialSolverOptions { OutputColumnName = "Y", CostColumnName = "Values", Solver = new Careless(), Diagnostics = true };
        IDataView result = _mlContext.Transforms.CombinatorialSolver(options).Fit(view).Transform(view);
        Assert.IsTrue(result.GetColumn<uint>("YStatus").All(s => s == (uint)SolverStatus.NumericalError));
        Assert.IsTrue(result.GetColumn<float[]>("Y").All(y => y.All(float.IsNaN)));
    }

    [TestMethod]
    public void SlotNames_AreGivenOrThoseOfTheCosts()
    {
        var view = _mlContext.Data.LoadFromEnumerable(new[] { new Items { Bread = 1, Cheese = 2, Wine = 3 } });
        IDataView named = _mlContext.Transforms.Concatenate("Values", "Bread", "Cheese", "Wine").Fit(view).Transform(view);
        var solver = new TopKSolver(3, 1);
        CollectionAssert.AreEqual(new[] { "Bread", "Cheese", "Wine" }, Slots(named, new CombinatorialSolverOptions { CostColumnName = "Values", Solver = solver }));
        CollectionAssert.AreEqual(
            new[] { "a", "b", "c" },
            Slots(named, new CombinatorialSolverOptions { CostColumnName = "Values", Solver = solver, DecisionNames = ["a", "b", "c"] }));
        CollectionAssert.AreEqual(
            new[] { "y0", "y1", "y2", "y3", "y4" }, Slots(View(1), new CombinatorialSolverOptions { CostColumnName = "Values", Solver = s_knapsack }));

        string[] Slots(IDataView input, CombinatorialSolverOptions options)
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            _mlContext.Transforms.CombinatorialSolver(options).Fit(input).Transform(input).Schema["Decision"].GetSlotNames(ref names);
            return [.. names.DenseValues().Select(n => n.ToString())];
        }
    }

    [TestMethod]
    public void PredictionEngines_FromEightThreads_EqualSerialScoring()
    {
        IDataView view = View(400);
        CombinatorialSolverTransformer fitted = _mlContext.Transforms.CombinatorialSolver("Chosen", "Values", s_knapsack).Fit(view);
        ITransformer model = EstimatorContract.RoundTrip(_mlContext, fitted, view.Schema, out _);
        float[][] serial = [.. fitted.Transform(view).GetColumn<float[]>("Chosen")];
        float[][] values = [.. view.GetColumn<float[]>("Values")];
        var results = new float[values.Length][];
        var options = new PredictionEngineOptions { OwnsTransformer = false };
        Parallel.ForEach(
            Enumerable.Range(0, values.Length),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            () => _mlContext.Model.CreatePredictionEngine<Row, Result>(model, options),
            (i, _, engine) =>
            {
                results[i] = engine.Predict(new Row { Values = values[i] }).Chosen;
                return engine;
            },
            engine => engine.Dispose());
        for (int i = 0; i < serial.Length; i++)
            CollectionAssert.AreEqual(serial[i], results[i], $"row {i}");
    }

    [TestMethod]
    public void ZeroRows_GiveZeroRows()
    {
        IDataView view = View(0);
        Assert.IsEmpty(_mlContext.Transforms.CombinatorialSolver("Y", "Values", s_knapsack).Fit(view).Transform(view).GetColumn<float[]>("Y"));
    }

    [TestMethod]
    public void WrongColumnsAndOptions_AreNamed()
    {
        CombinatorialSolverEstimator estimator = _mlContext.Transforms.CombinatorialSolver("Y", "Values", new TopKSolver(4, 1));
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(View(1))).Message, "expected Vector<Single, 4>, got Vector<Single, 5>");
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(_mlContext.Data.LoadFromEnumerable(new[] { new Other() }))).Message,
            "Could not find cost column 'Values'");

        void Fails<T>(string part, Action<CombinatorialSolverOptions> change)
            where T : Exception
        {
            var options = new CombinatorialSolverOptions { Solver = s_knapsack };
            change(options);
            StringAssert.Contains(Assert.Throws<T>(() => _mlContext.Transforms.CombinatorialSolver(options)).Message, part);
        }

        Fails<ArgumentException>("OutputColumnName", o => o.OutputColumnName = "");
        Fails<ArgumentException>("CostColumnName", o => o.CostColumnName = " ");
        Fails<ArgumentNullException>("Solver", o => o.Solver = null);
        Fails<ArgumentException>("has 1 names; expected 5", o => o.DecisionNames = ["a"]);
        Fails<ArgumentOutOfRangeException>("Policy", o => o.Policy = RowPolicy.Closest);
        Fails<ArgumentOutOfRangeException>("BatchSize", o => o.BatchSize = 0);
        Fails<ArgumentOutOfRangeException>("Threads", o => o.Threads = 2000);
    }

    private IDataView View(int rows, int spoil = -1)
    {
        var random = new Random(3);
        return _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, rows)
                .Select(r => new Row { Values = [.. Enumerable.Range(0, 5).Select(i => r == spoil && i == 2 ? float.NaN : (float)(5 * random.NextDouble()))] })
                .ToArray());
    }

    private sealed class Row
    {
        [VectorType(5)]
        public float[] Values { get; set; } = new float[5];
    }

    private sealed class Sparse
    {
        [VectorType(5)]
        public VBuffer<float> Values { get; set; }
    }

    private sealed class Result
    {
        [VectorType(5)]
        public float[] Chosen { get; set; } = new float[5];
    }

    private sealed class Items
    {
        public float Bread { get; set; }

        public float Cheese { get; set; }

        public float Wine { get; set; }
    }

    private sealed class Other
    {
        public float Something { get; set; }
    }

    private sealed class Scalar
    {
        public float Values { get; set; }
    }

    /// <summary>Claims to have solved what it filled with NaN.</summary>
    private sealed class Careless : ICombinatorialSolver
    {
        public int Dimension => 5;

        public Sense Sense => Sense.Minimize;

        public bool NeedsNonnegativeCosts => false;

        public ReadOnlySpan<double> Normal => [];

        public SolverStatus Solve(ReadOnlySpan<float> costs, Span<float> decision) => Fill(decision);

        public SolverStatus Solve(ReadOnlySpan<double> costs, Span<float> decision) => Fill(decision);

        public void SolveBatch(ReadOnlySpan<float> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads = 0) =>
            statuses.Fill(Fill(decisions));

        public void SolveBatch(ReadOnlySpan<double> costs, Span<float> decisions, Span<SolverStatus> statuses, int threads = 0) =>
            statuses.Fill(Fill(decisions));

        private static SolverStatus Fill(Span<float> decision)
        {
            decision.Fill(float.NaN);
            return SolverStatus.Solved;
        }
    }
}
