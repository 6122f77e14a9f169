using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>The spaces of classification and of decision-focused training, and short searches over them.</summary>
[TestClass]
public sealed class TrainerSpaceTests : TorchTest
{
    private static readonly KnapsackSolver s_knapsack = new([2, 3, 2], 5);

    private readonly MLContext _mlContext = new(6);

    [TestMethod]
    public void ClassificationFor_Constraints_OffersTheModesThatFit()
    {
        SearchSpace<ConstrainedClassificationSpace> none = ConstrainedClassificationSpace.For(new ConstrainedClassificationOptions());
        Assert.IsFalse(none.ContainsKey("OutputConstraint") || none.ContainsKey("UnprojectedLossShare"));
        CollectionAssert.AreEqual(
            new[] { "DifferentiableProjection", "Projection", "ProjectionWhenScoring", "Parameterization" },
            Modes(ConstraintSet.Over("0", "1", "2").Linear("0.5 <= [0]"), OutputConstraint.DifferentiableProjection));
        CollectionAssert.AreEqual(
            new[] { "Projection", "ProjectionWhenScoring", "DifferentiableProjection" }, Modes(ConstraintSet.Over("0", "1", "2").Linear("[0] <= @Cap")));
        CollectionAssert.AreEqual(
            new[] { "Projection", "ProjectionWhenScoring" }, Modes(ConstraintSet.Over("0", "1", "2").Ball(Norm.L2, 0.8)));

        CollectionAssert.AreEqual(
            new[] { "Projection", "ProjectionWhenScoring", "DifferentiableProjection" },
            Modes(ConstraintSet.Over("0", "1", "2").Linear("[0] <= 0.5"), raw: "Raw"));

        static string[] Modes(ConstraintSet set, OutputConstraint own = OutputConstraint.Projection, string? raw = null) =>
        [
            .. ((ChoiceOption)ConstrainedClassificationSpace.For(
                new ConstrainedClassificationOptions { Constraints = set, OutputConstraint = own, RawScoreColumnName = raw })["OutputConstraint"])
                .Choices.Select(c => c.AsType<string>()),
        ];
    }

    [TestMethod]
    public void ClassificationApply_EveryProperty_ReachesTheOptions()
    {
        var template = new ConstrainedClassificationOptions { UnprojectedLossShare = 0.25, HiddenLayers = [3] };
        ConstrainedClassificationOptions same = new ConstrainedClassificationSpace().Apply(template, default);
        Assert.AreEqual((0.25, OutputConstraint.Projection, 3), (same.UnprojectedLossShare, same.OutputConstraint, same.HiddenLayers.Single()));
        ConstrainedClassificationOptions changed = new ConstrainedClassificationSpace
        {
            UnprojectedLossShare = 0.75, OutputConstraint = OutputConstraint.Parameterization, Units = 16, LearningRate = 0.02,
        }.Apply(template, default);
        Assert.AreEqual((0.75, OutputConstraint.Parameterization, 16, 0.02), (changed.UnprojectedLossShare, changed.OutputConstraint, changed.HiddenLayers.Single(), changed.LearningRate));
    }

    [TestMethod]
    public async Task Search_Classification_KeepsTheLimitInEveryMode()
    {
        var options = new ConstrainedClassificationOptions
        {
            FeatureColumnName = "X", Epochs = 4, Constraints = ConstraintSet.Over("0", "1", "2").Linear("[2] <= 0.5"),
        };
        SearchSpace<ConstrainedClassificationSpace> space = ConstrainedClassificationSpace.For(options);
        foreach (string name in (string[])["Layers", "Units", "Dropout", "WeightDecay", "UnprojectedLossShare", "LearningRate"])
            space.Remove(name);
        IDataView data = Classes(120, 1);
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().ConstrainedClassification(options, space));
        var search = new ConstrainedSearch(
            _mlContext,
            pipeline,
            new ConstrainedTrialOptions
            {
                TrainingData = data,
                ValidationData = Classes(60, 2),
                Metric = TrialMetric.LogLoss(),
                Feasibility = TrialFeasibility.Of(options.Constraints),
            });
        search.Experiment.SetMaxModelToExplore(4).SetTuner(new Walk(pipeline, 4));
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome, result.Summary);
        string[] modes = [.. result.Trials.Select(t => t.Parameters)];
        Assert.HasCount(4, modes.Distinct());
        Assert.IsTrue(result.Trials.All(t => t is { Status: TrialStatus.Feasible, Feasibility: { Rows: 60, ViolatingRows: 0 } }), string.Join("; ", result.Trials));
        double accuracy = TrialMetric.MicroAccuracy().Evaluate(_mlContext, result.Best!.Model.Transform(data));
        Assert.IsGreaterThan(0.34, accuracy);
    }

    [TestMethod]
    public void For_ConstrainedLangevin_SearchesTemperatureAndRadius()
    {
        string[] langevin = ["Temperature", "CircleRadius", "FirstCircleRadius"];
        SearchSpace<ConstrainedRegressionSpace> plain = ConstrainedRegressionSpace.For(new ConstrainedRegressionOptions());
        Assert.IsFalse(langevin.Any(plain.ContainsKey));
        var options = new ConstrainedRegressionOptions
        {
            Optimizer = TrainingOptimizerKind.ConstrainedLangevin, WeightConstraint = Optimizers.WeightConstraintKind.Circle, Friction = 3,
        };
        SearchSpace<ConstrainedRegressionSpace> circle = ConstrainedRegressionSpace.For(options);
        Assert.IsTrue(langevin.All(circle.ContainsKey));
        ConstrainedRegressionOptions applied = circle.SampleFromFeatureSpace(circle.Default).Apply(options, default);
        Assert.AreEqual((0.2, 1e-7, 0.1, 0.05, 3.0), (Math.Round(applied.LearningRate!.Value, 9), Math.Round(applied.Temperature, 15), Math.Round(applied.CircleRadius, 9), Math.Round(applied.FirstCircleRadius, 9), applied.Friction));
        options.WeightConstraint = Optimizers.WeightConstraintKind.Orthogonal;
        SearchSpace<ConstrainedRegressionSpace> orthogonal = ConstrainedRegressionSpace.For(options);
        Assert.IsTrue(orthogonal.ContainsKey("Temperature") && !orthogonal.ContainsKey("CircleRadius"));
        options.Temperature = 0.5;
        Assert.AreEqual(0.5, new ConstrainedRegressionSpace().Apply(options, default).Temperature);
    }

    [TestMethod]
    public async Task Search_ConstrainedLangevin_Runs()
    {
        var options = new ConstrainedRegressionOptions
        {
            FeatureColumnName = "X", LabelColumnName = "Label", Epochs = 3, HiddenLayers = [8],
            Optimizer = TrainingOptimizerKind.ConstrainedLangevin, WeightConstraint = Optimizers.WeightConstraintKind.Circle,
        };
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().ConstrainedRegression(options));
        var search = new ConstrainedSearch(_mlContext, pipeline, new ConstrainedTrialOptions
        {
            TrainingData = Classes(60, 1), ValidationData = Classes(30, 2), Metric = TrialMetric.RootMeanSquaredError(),
        });
        search.Experiment.SetMaxModelToExplore(4).SetRandomSearchTuner();
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome, result.Summary);
        Assert.IsTrue(result.Trials.All(t => t.Status == TrialStatus.Feasible && t.Parameters.Contains("CircleRadius=", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void DecisionApply_EachGradient_SetsMethodAndRule()
    {
        var rule = new PerturbedRule(0.5, 2);
        var template = new DecisionFocusedOptions { Solver = s_knapsack, Label = DecisionLabel.Costs, Rule = rule, Method = DecisionMethod.Rule, Sigma = 2 };
        DecisionFocusedOptions Applied(DecisionFocusedSpace space) => space.Apply(template, CancellationToken.None);

        DecisionFocusedOptions same = Applied(new());
        Assert.AreEqual((DecisionMethod.Rule, rule, 2.0), (same.Method, same.Rule, same.Sigma));
        Assert.IsNull(Applied(new() { Gradient = DecisionGradient.Identity }).Rule);
        DecisionFocusedOptions interpolation = Applied(new() { Gradient = DecisionGradient.Interpolation, Lambda = 4, NoiseMargin = 0.2 });
        Assert.AreEqual((DecisionMethod.Rule, 4.0, 0.2), (interpolation.Method, ((InterpolationRule)interpolation.Rule!).Lambda, interpolation.NoiseMargin));
        DecisionFocusedOptions perturbed = Applied(new() { Gradient = DecisionGradient.FenchelYoung, Sigma = 0.5 });
        Assert.AreEqual((DecisionMethod.FenchelYoung, 0.5), (perturbed.Method, perturbed.Sigma));
        Assert.AreEqual(DecisionMethod.SpoPlus, Applied(new() { Gradient = DecisionGradient.SpoPlus }).Method);

        Assert.IsFalse(Gradients(DecisionLabel.Decisions).Contains("SpoPlus"));
        Assert.AreEqual("SpoPlus", Gradients(DecisionLabel.Costs)[0]);
        static string[] Gradients(DecisionLabel label) =>
        [
            .. ((ChoiceOption)DecisionFocusedSpace.For(new DecisionFocusedOptions { Solver = s_knapsack, Label = label })["Gradient"]).Choices.Select(c => c.AsType<string>()),
        ];
    }

    [TestMethod]
    [DataRow(DecisionGradient.Identity)]
    [DataRow(DecisionGradient.Interpolation)]
    [DataRow(DecisionGradient.FenchelYoung)]
    [DataRow(DecisionGradient.SpoPlus)]
    [DataRow(null)]
    public void DecisionApply_OptionsWithEveryProperty_GivesOptionsThatAreValid(DecisionGradient? gradient)
    {
        // What is meant by Auto: SPO+ for costs, unless something is set that belongs to rules.
        (DecisionFocusedOptions Options, DecisionMethod Meant)[] templates =
        [
            (WithRule(DecisionMethod.Rule), DecisionMethod.Rule),
            (WithRule(DecisionMethod.Auto), DecisionMethod.Rule),
            (Plain(DecisionMethod.Auto), DecisionMethod.SpoPlus),
            (Plain(DecisionMethod.Rule), DecisionMethod.Rule),
            (Plain(DecisionMethod.FenchelYoung), DecisionMethod.FenchelYoung),
            (Plain(DecisionMethod.SpoPlus), DecisionMethod.SpoPlus),
            (Plain(DecisionMethod.PredictThenOptimize), DecisionMethod.PredictThenOptimize),
        ];
        foreach ((DecisionFocusedOptions template, DecisionMethod meant) in templates)
        {
            var space = new DecisionFocusedSpace
            {
                Gradient = gradient, Lambda = 3, Sigma = 0.5, NoiseMargin = 0.25, Layers = 2, Units = 16, LearningRate = 0.01, Dropout = 0.1, WeightDecay = 0.01,
            };
            DecisionFocusedOptions applied = space.Apply(template, CancellationToken.None);
            DecisionMethod expected = gradient switch
            {
                DecisionGradient.FenchelYoung => DecisionMethod.FenchelYoung,
                DecisionGradient.SpoPlus => DecisionMethod.SpoPlus,
                null => meant,
                _ => DecisionMethod.Rule,
            };
            bool isRule = expected == DecisionMethod.Rule;
            Assert.AreEqual(gradient is null ? template.Method : expected, applied.Method);
            Assert.AreEqual((isRule ? template.Loss : DecisionLoss.Auto, isRule ? 0.25 : 0), (applied.Loss, applied.NoiseMargin));
            if (!isRule)
                Assert.IsNull(applied.Rule);

            // The trainer checks its options when it is made.
            _mlContext.Regression.Trainers.DecisionFocused(applied);
            space.NoiseMargin = null;
            applied = space.Apply(template, CancellationToken.None);
            Assert.AreEqual(isRule ? template.NoiseMargin : 0, applied.NoiseMargin);
            _mlContext.Regression.Trainers.DecisionFocused(applied);
        }

        static DecisionFocusedOptions Plain(DecisionMethod method) => new() { Solver = s_knapsack, Label = DecisionLabel.Costs, Method = method };

        static DecisionFocusedOptions WithRule(DecisionMethod method) => new()
        {
            Solver = s_knapsack, Label = DecisionLabel.Costs, Method = method, Rule = new PerturbedRule(0.5, 2), Loss = DecisionLoss.Hamming,
            NoiseMargin = 0.1, Sigma = 2, Samples = 3, NegativeCosts = NegativeCosts.Refuse, CostActivation = CostActivation.Softplus,
        };
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Search_DecisionsWithTheDefaultSpace_HasNoFailedTrial(bool hasRule)
    {
        var options = new DecisionFocusedOptions
        {
            Solver = s_knapsack, Label = DecisionLabel.Costs, LabelColumnName = "Values", FeatureColumnName = "X", Epochs = 1,
        };
        if (hasRule)
            (options.Rule, options.Loss, options.NoiseMargin) = (new PerturbedRule(0.5, 2), DecisionLoss.Hamming, 0.1);
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().DecisionFocused(options));
        var search = new ConstrainedSearch(
            _mlContext,
            pipeline,
            new ConstrainedTrialOptions { TrainingData = Values(30, 1), ValidationData = Values(20, 2), Metric = TrialMetric.MeanRegret(s_knapsack, "Values") });
        search.Experiment.SetMaxModelToExplore(24).SetRandomSearchTuner(1);
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.IsTrue(result.Trials.All(t => t.Status == TrialStatus.Feasible), result.Trials.FirstOrDefault(t => t.Reason is not null)?.Reason);
        foreach (string gradient in Enum.GetNames<DecisionGradient>())
            Assert.IsTrue(result.Trials.Any(t => t.Parameters.Contains($"Gradient={gradient}", StringComparison.Ordinal)), gradient);
    }

    [TestMethod]
    public async Task Search_Decisions_TriesEveryGradientAndFindsLittleRegret()
    {
        var options = new DecisionFocusedOptions
        {
            Solver = s_knapsack, Label = DecisionLabel.Costs, LabelColumnName = "Values", FeatureColumnName = "X", Epochs = 15, HiddenLayers = [], LearningRate = 0.03,
        };
        SearchSpace<DecisionFocusedSpace> space = DecisionFocusedSpace.For(options);
        foreach (string name in space.Keys.Where(k => k != "Gradient").ToArray())
            space.Remove(name);
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().DecisionFocused(options, space));
        var search = new ConstrainedSearch(
            _mlContext,
            pipeline,
            new ConstrainedTrialOptions { TrainingData = Values(150, 1), ValidationData = Values(80, 2), Metric = TrialMetric.MeanRegret(s_knapsack, "Values") });
        search.Experiment.SetMaxModelToExplore(4).SetTuner(new Walk(pipeline, 4));
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome, result.Summary);
        CollectionAssert.AreEqual(
            new[] { "e1.Gradient=SpoPlus", "e1.Gradient=Identity", "e1.Gradient=Interpolation", "e1.Gradient=FenchelYoung" },
            result.Trials.Select(t => t.Parameters).ToArray(), string.Join("; ", result.Trials));
        Assert.IsGreaterThanOrEqualTo(0, result.Best!.Loss);

        // A choice by chance loses about a third of a value.
        Assert.IsLessThan(0.1, result.Best.Loss);
    }

    [TestMethod]
    public void Metrics_OfVectorsAndQuantiles_AreThoseOfTheCatalog()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new Vectors { Label = [1, 2], Score = [1, 4], Single = 3 }, new Vectors { Label = [0, 0], Score = [0, 2], Single = 1 },
        });
        Assert.AreEqual(Math.Sqrt(2), TrialMetric.VectorRootMeanSquaredError().Evaluate(_mlContext, rows), 1e-12);

        // Level 0.25: label 3 above 1 by 2, label 1 above 0 by 1; level 0.75: 3 below 4 by 1, 1 below 2 by 1.
        Assert.AreEqual(((0.25 * 2) + (0.25 * 1) + (0.25 * 1) + (0.25 * 1)) / 4, TrialMetric.PinballLoss([0.25, 0.75], "Single").Evaluate(_mlContext, rows), 1e-12);
        Assert.IsTrue(TrialMetric.ExactMatchShare(s_knapsack).IsMaximized);
    }

    /// <summary>The class is the index of the largest of three features.</summary>
    private IDataView Classes(int count, int seed)
    {
        var random = new Random(seed);
        return _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i =>
        {
            float[] x = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
            x[i % 3] += 1;
            return new Class { X = x, Label = i % 3 };
        }).ToArray());
    }

    /// <summary>Values of three items that are linear in three features.</summary>
    private IDataView Values(int count, int seed)
    {
        var random = new Random(seed);
        return _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
            return new Items { X = x, Values = [0.5f + x[0], 0.5f + x[1] + x[2], 1.5f - x[2]] };
        }).ToArray());
    }

    /// <summary>Goes through the choices of a pipeline that has one thing to choose.</summary>
    private sealed class Walk(SweepablePipeline pipeline, int choices) : ITuner
    {
        public Parameter Propose(TrialSettings settings)
        {
            Parameter proposed = Parameter.CreateNestedParameter();
            proposed["_pipeline_"] = pipeline.SearchSpace.SampleFromFeatureSpace([(settings.TrialId + 0.5) / choices]);
            return proposed;
        }

        public void Update(TrialResult result)
        {
        }
    }

    private sealed class Class
    {
        [VectorType(3)]
        public float[] X { get; set; } = new float[3];

        public float Label { get; set; }
    }

    private sealed class Items
    {
        [VectorType(3)]
        public float[] X { get; set; } = new float[3];

        [VectorType(3)]
        public float[] Values { get; set; } = new float[3];
    }

    private sealed class Vectors
    {
        [VectorType(2)]
        public float[] Label { get; set; } = new float[2];

        [VectorType(2)]
        public float[] Score { get; set; } = new float[2];

        public float Single { get; set; }
    }
}
