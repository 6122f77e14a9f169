using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

[TestClass]
public sealed class PolyhedralParameterizationStageTests
{
    // 0 ≤ Low ≤ Middle ≤ High: three independent rows, hence three activations of rays.
    private static readonly ConstraintSet s_order =
        ConstraintSet.Over("Low", "Middle", "High").Linear("Low >= 0").Linear("Low <= Middle").Linear("Middle <= High");

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Contract_Holds()
    {
        IDataView[] invalid = [_mlContext.Data.LoadFromEnumerable(new[] { new Other() }), _mlContext.Data.LoadFromEnumerable(new[] { new Scalar() })];
        EstimatorContract.Verify(_mlContext, _mlContext.Transforms.PolyhedralParameterization("Point", "Activations", s_order), View(40), invalid);
        EstimatorContract.Verify(
            _mlContext,
            _mlContext.Transforms.PolyhedralParameterization(new PolyhedralParameterizationOptions
            {
                OutputColumnName = "Activations",
                Constraints = s_order.Linear("High <= 4"),
                RayActivation = RayActivation.Softplus,
                Diagnostics = true,
                BatchSize = 7,
                GeneratorLimit = 50,
            }),
            _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new Wide { Activations = [i, -i, 0.1f * i, i == 9 ? float.NaN : 1] }).ToArray()),
            invalid);
    }

    [TestMethod]
    public void Output_SatisfiesTheConstraintsAndEqualsTheMap()
    {
        IDataView view = View(300);
        PolyhedralParameterizationTransformer model = _mlContext.Transforms.PolyhedralParameterization("Point", "Activations", s_order).Fit(view);
        float[][] points = [.. model.Transform(view).GetColumn<float[]>("Point")];
        float[][] activations = [.. view.GetColumn<float[]>("Activations")];
        Assert.HasCount(300, points);
        for (int i = 0; i < points.Length; i++)
        {
            Assert.IsTrue(s_order.Contains(points[i]), string.Join(" ", points[i]));
            var expected = new float[3];
            model.Parameterization.Map(activations[i], expected);
            CollectionAssert.AreEqual(expected, points[i]);
        }
    }

    [TestMethod]
    public void RowMapper_LoadedModelAndEngine_GiveTheSamePoints()
    {
        IDataView view = View(70);
        ITransformer model = _mlContext.Transforms
            .PolyhedralParameterization(new PolyhedralParameterizationOptions
            {
                OutputColumnName = "Point",
                InputColumnName = "Activations",
                Constraints = s_order,
                RayActivation = RayActivation.Softplus,
                Diagnostics = true,
                BatchSize = 7,
            })
            .Fit(view);
        float[][] expected = [.. model.Transform(view).GetColumn<float[]>("Point")];
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, view.Schema, stream);
        ITransformer loaded = new MLContext().Model.Load(new MemoryStream(stream.ToArray()), out DataViewSchema _);
        Assert.AreEqual(s_order, ((PolyhedralParameterizationTransformer)loaded).Constraints);
        float[][] again = [.. loaded.Transform(view).GetColumn<float[]>("Point")];
        uint[] statuses = [.. loaded.Transform(view).GetColumn<uint>("PointStatus")];
        using PredictionEngine<Row, Result> engine = _mlContext.Model.CreatePredictionEngine<Row, Result>(loaded);
        float[][] activations = [.. view.GetColumn<float[]>("Activations")];
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], again[i]);
            CollectionAssert.AreEqual(expected[i], engine.Predict(new Row { Activations = activations[i] }).Point);
            Assert.AreEqual((uint)SolverStatus.Solved, statuses[i]);
        }
    }

    [TestMethod]
    public void SlotNames_AreTheVariables()
    {
        IDataView result = _mlContext.Transforms.PolyhedralParameterization("Activations", null, s_order).Fit(View(2)).Transform(View(2));
        VBuffer<ReadOnlyMemory<char>> names = default;
        result.Schema["Activations"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(s_order.Variables.ToArray(), names.DenseValues().Select(n => n.ToString()).ToArray());
        Assert.HasCount(2, result.GetColumn<float[]>("Activations").ToArray());
    }

    [TestMethod]
    public void BadRows_AreMissingOrThrow()
    {
        Row[] rows = [new() { Activations = [1, 2, 3] }, new() { Activations = [1, float.NaN, 3] }, new() { Activations = [3e38f, 3e38f, 3e38f] }];
        IDataView view = _mlContext.Data.LoadFromEnumerable(rows);
        var options = new PolyhedralParameterizationOptions { OutputColumnName = "Point", InputColumnName = "Activations", Constraints = s_order, Diagnostics = true };
        IDataView result = _mlContext.Transforms.PolyhedralParameterization(options).Fit(view).Transform(view);
        CollectionAssert.AreEqual(
            new[] { (uint)SolverStatus.Solved, (uint)SolverStatus.InvalidInput, (uint)SolverStatus.NumericalError },
            result.GetColumn<uint>("PointStatus").ToArray());
        float[][] points = [.. result.GetColumn<float[]>("Point")];
        Assert.IsTrue(points[0].All(float.IsFinite) && points[1].All(float.IsNaN) && points[2].All(float.IsNaN));

        options.Policy = RowPolicy.Throw;
        IDataView thrown = _mlContext.Transforms.PolyhedralParameterization(options).Fit(view).Transform(view);
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => thrown.GetColumn<float[]>("Point").ToArray()).Message, "Row 1");
    }

    [TestMethod]
    public void WrongColumns_AreNamed()
    {
        PolyhedralParameterizationEstimator estimator = _mlContext.Transforms.PolyhedralParameterization("Point", "Activations", s_order);
        Assert.AreEqual(3, estimator.Parameterization.ActivationCount);
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(_mlContext.Data.LoadFromEnumerable(new[] { new Other() }))).Message,
            "Could not find input column 'Activations'");
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(_mlContext.Data.LoadFromEnumerable(new[] { new Wide() }))).Message,
            "expected Vector<Single, 3>, got Vector<Single, 4>");
    }

    [TestMethod]
    public void WrongOptions_AreNamed()
    {
        void Fails<T>(string part, Action<PolyhedralParameterizationOptions> change)
            where T : Exception
        {
            var options = new PolyhedralParameterizationOptions { OutputColumnName = "Point", InputColumnName = "Activations", Constraints = s_order };
            change(options);
            StringAssert.Contains(Assert.Throws<T>(() => _mlContext.Transforms.PolyhedralParameterization(options).Fit(View(1))).Message, part);
        }

        Fails<ArgumentException>("OutputColumnName", o => o.OutputColumnName = " ");
        Fails<ArgumentNullException>("Constraints", o => o.Constraints = null);
        Fails<ArgumentOutOfRangeException>("Policy", o => o.Policy = RowPolicy.Closest);
        Fails<ArgumentOutOfRangeException>("BatchSize", o => o.BatchSize = 0);
        Fails<ArgumentOutOfRangeException>("Threads", o => o.Threads = -1);
        Fails<ArgumentOutOfRangeException>("BoxRadius", o => o.BoxRadius = 0);
        Fails<ArgumentOutOfRangeException>("GeneratorLimit", o => o.GeneratorLimit = 0);
        Fails<ArgumentException>("'@Cap'", o => o.Constraints = s_order.Linear("Low <= @Cap"));
        Fails<InvalidOperationException>("'up', 'down'", o => o.Constraints = s_order.Linear("up", "Low + High >= 1").Linear("down", "Low + High <= 0"));
        Fails<InvalidOperationException>("single point", o => o.Constraints = ConstraintSet.Over("x").Linear("x = 1"));
    }

    [TestMethod]
    public void BoxAndForm_SurviveSaving()
    {
        IDataView view = View(5);
        ITransformer model = _mlContext.Transforms
            .PolyhedralParameterization(new PolyhedralParameterizationOptions
            {
                OutputColumnName = "Point",
                InputColumnName = "Activations",
                Constraints = s_order,
                BoxRadius = 0.5,
                Form = PolyhedralForm.Dense,
            })
            .Fit(view);
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, view.Schema, stream);
        var loaded = (PolyhedralParameterizationTransformer)new MLContext().Model.Load(new MemoryStream(stream.ToArray()), out DataViewSchema _);
        Assert.AreEqual(0.5, loaded.Parameterization.BoxRadius);
        Assert.AreEqual(PolyhedralForm.Dense, loaded.Parameterization.Form);
        Assert.IsTrue(loaded.Transform(view).GetColumn<float[]>("Point").All(p => p.All(v => v is >= 0 and <= 0.5f)));
    }

    private IDataView View(int rows)
    {
        var random = new Random(3);
        return _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, rows).Select(_ => new Row { Activations = [.. Enumerable.Range(0, 3).Select(_ => (float)(8 * random.NextDouble() - 4))] }).ToArray());
    }

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Activations { get; set; } = new float[3];
    }

    private sealed class Result
    {
        [VectorType(3)]
        public float[] Point { get; set; } = new float[3];
    }

    private sealed class Other
    {
        public float Something { get; set; }
    }

    private sealed class Scalar
    {
        public float Activations { get; set; }
    }

    private sealed class Wide
    {
        [VectorType(4)]
        public float[] Activations { get; set; } = new float[4];
    }
}
