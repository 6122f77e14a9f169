using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

[TestClass]
public sealed class ConstrainedProjectionSpaceTests
{
    private readonly MLContext _mlContext = new(4);

    [TestMethod]
    public void For_ASet_HasAWeightForEachVariableButTheFirst()
    {
        SearchSpace<ConstrainedProjectionSpace> space = ConstrainedProjectionSpace.For(ConstraintSet.Over("a", "b c", "d").Linear("a <= @Cap"), 10);
        Assert.AreEqual(3, space.FeatureSpaceDim);
        ConstrainedProjectionSpace start = space.SampleFromFeatureSpace(space.Default);
        Assert.AreEqual(RowPolicy.Closest, start.Policy);
        CollectionAssert.AreEquivalent(new[] { "b c", "d" }, start.Weights!.Keys);
        Assert.AreEqual(1, start.Weights["b c"], 1e-12);
        ConstrainedProjectionSpace high = space.SampleFromFeatureSpace([1, 1, 0]);
        Assert.AreEqual((RowPolicy.KeepInput, 10.0, 0.1), (high.Policy!.Value, Math.Round(high.Weights!["b c"], 9), Math.Round(high.Weights["d"], 9)));
        Assert.AreEqual(0, ConstrainedProjectionSpace.For(ConstraintSet.Over("a").Nonnegative()).FeatureSpaceDim);
        Assert.ThrowsExactly<ArgumentException>(() => ConstrainedProjectionSpace.For(ConstraintSet.Over("a"), 1));
    }

    [TestMethod]
    public async Task Search_WeightsOfAProjection_FindsWhichForecastToTrust()
    {
        // Total = A + B always; the forecast of A is exact, that of B far off. Trusting A makes B right as well.
        var random = new Random(3);
        Forecast[] rows = [.. Enumerable.Range(0, 60).Select(_ =>
        {
            float a = random.NextSingle() * 10, b = random.NextSingle() * 10;
            return new Forecast { Raw = [a, b + ((random.NextSingle() - 0.5f) * 8)], Truth = [a, b], Total = a + b };
        })];
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        ConstraintSet rules = ConstraintSet.Over("A", "B").Linear("A + B = @Total");
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "Raw").Append(_mlContext.Auto().ConstrainedProjection(
            new ConstrainedProjectionOptions { OutputColumnName = "Score", InputColumnName = "Raw", Constraints = rules }));
        var search = new ConstrainedSearch(_mlContext, pipeline, new ConstrainedTrialOptions
        {
            TrainingData = data,
            ValidationData = data,
            Feasibility = TrialFeasibility.Of(rules),
            Metric = TrialMetric.Create("squared error", (_, scored) => scored.GetColumn<float[]>("Score")
                .Zip(rows, (s, r) => Math.Pow(s[0] - r.Truth[0], 2) + Math.Pow(s[1] - r.Truth[1], 2)).Average()),
        });
        search.Experiment.SetMaxModelToExplore(40);
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);

        // With weights 1 and w the error e of B is left as e·w/(1 + w) in both: at w = 1/100 one 2,500th of the squared error at 1.
        Assert.IsTrue(result.Trials.All(t => t.Feasibility.ViolatingRows == 0));
        Assert.IsLessThan(result.Trials[0].Metric / 400, result.Best!.Metric);
        StringAssert.Contains(result.Summary, "e1.Weights.B=0.0");
    }

    [TestMethod]
    public void ConstrainedProjection_SpaceOfOnesOwn_LeavesTheRestAsTheOptionsSay()
    {
        var options = new ConstrainedProjectionOptions
        {
            OutputColumnName = "Score", InputColumnName = "Raw", Constraints = ConstraintSet.Over("A", "B").Linear("A + B = @Total"),
            Weights = [1, 4],
        };
        SearchSpace<ConstrainedProjectionSpace> space = ConstrainedProjectionSpace.For(options.Constraints);
        space.Remove("Weights");
        SweepableEstimator sweepable = _mlContext.Auto().ConstrainedProjection(options, space);
        options.Weights = [4, 1];
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[] { new Forecast { Raw = [0, 0], Total = 5 } });
        ITransformer model = sweepable.BuildFromOption(_mlContext, space.SampleFromFeatureSpace([0.0]) is { } p ? Parameter.FromObject(p) : null!).Fit(data);
        CollectionAssert.AreEqual(new[] { 4f, 1f }, model.Transform(data).GetColumn<float[]>("Score").Single());
    }

    private sealed class Forecast
    {
        [VectorType(2)]
        public float[] Raw { get; set; } = new float[2];

        [VectorType(2)]
        public float[] Truth { get; set; } = new float[2];

        public float Total { get; set; }
    }
}
