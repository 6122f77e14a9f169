using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>What the package relies on in AutoML itself; true of the real package and of the subset alike.</summary>
[TestClass]
public sealed class UpstreamBehaviourTests
{
    private readonly MLContext _mlContext = new(3);

    internal enum Colour
    {
        Red,
        Green,
        Blue,
    }

    [TestMethod]
    public void SearchSpace_OfAttributes_MapsBothWays()
    {
        var space = new SearchSpace<Everything>();
        Assert.AreEqual(7, space.FeatureSpaceDim);

        // By name: Colour, Count, Flag, Inner.Depth, Rate, Single, Text.
        Everything start = space.SampleFromFeatureSpace(space.Default);
        Assert.AreEqual((Colour.Red, 3, false, 2), (start.Colour, start.Count, start.Flag, start.Inner.Depth));
        Assert.AreEqual(0.01, start.Rate, 1e-12);
        Assert.AreEqual(0.5f, start.Single);
        Assert.AreEqual("b", start.Text);
        Everything high = space.SampleFromFeatureSpace([0.99, 0.99, 0.99, 0.99, 1, 1, 0.99]);
        Assert.AreEqual((Colour.Blue, 9, false, 3, "c"), (high.Colour, high.Count, high.Flag, high.Inner.Depth, high.Text));
        Assert.AreEqual(1.0, high.Rate, 1e-12);
        CollectionAssert.AreEqual(space.Default, space.MappingToFeatureSpace(space.SampleFromFeatureSpace(space.Default)));
    }

    [TestMethod]
    public void SearchSpace_NullableProperties_AreSweptAndLeftNullWhenRemoved()
    {
        var space = new SearchSpace<Nullables>();
        Nullables sample = space.SampleFromFeatureSpace(space.Default);
        Assert.AreEqual((0.25, 2, (Colour?)Colour.Green, (bool?)true), (sample.Rate!.Value, sample.Count!.Value, sample.Colour, sample.Flag));
        space.Remove(nameof(Nullables.Rate));
        space.Remove(nameof(Nullables.Colour));
        sample = space.SampleFromFeatureSpace(space.Default);
        Assert.AreEqual(((double?)null, (int?)2, (Colour?)null), (sample.Rate, sample.Count, sample.Colour));
    }

    [TestMethod]
    public void Parameter_NestedWithADictionary_TurnsIntoAnObject()
    {
        Parameter weights = Parameter.CreateNestedParameter();
        weights["a b"] = Parameter.FromDouble(2.5);
        weights["c"] = Parameter.FromInt(3);
        Parameter parameter = Parameter.CreateNestedParameter();
        parameter["Weights"] = weights;
        CollectionAssert.AreEquivalent(
            new Dictionary<string, double> { ["a b"] = 2.5, ["c"] = 3 }, parameter.AsType<ConstrainedProjectionSpace>().Weights);
        Assert.AreEqual("""{"Weights":{"a b":2.5,"c":3}}""", parameter.ToString());
    }

    [TestMethod]
    public async Task SetRandomSearchTuner_Seed_DrawsCoordinatesInOrder()
    {
        var proposed = new List<double>();
        await Experiment(proposed, 3).SetRandomSearchTuner(5).RunAsync();
        var random = new Random(5);
        double[] expected = [.. Enumerable.Range(0, 6).Select(_ => random.NextDouble())];
        for (int i = 0; i < 6; i += 2)
        {
            Assert.AreEqual(4 * expected[i], proposed[i], 1e-12);
            Assert.AreEqual(Math.Pow(100, expected[i + 1]), proposed[i + 1], 1e-9);
        }
    }

    [TestMethod]
    public async Task SetGridSearchTuner_TwoSteps_GoesThroughTheGridAndBeginsAnew()
    {
        var proposed = new List<double>();
        await Experiment(proposed, 5).SetGridSearchTuner(2).RunAsync();
        double[] expected = [0, 1, 0, 10, 2, 1, 2, 10, 0, 1];
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], proposed[i], 1e-9);
    }

    [TestMethod]
    public async Task SetCostFrugalTuner_BeginsAtTheStartAndComesNear()
    {
        var proposed = new List<double>();
        TrialResult best = await Experiment(proposed, 150).SetCostFrugalTuner().RunAsync();
        Assert.AreEqual(1.0, proposed[0], 1e-12);
        Assert.AreEqual(3.0, proposed[1], 1e-9);
        Assert.IsLessThan(0.01, best.Loss);
    }

    [TestMethod]
    public async Task RunAsync_RunnersFromAFactory_AreMadeOnceMoreThanDisposed()
    {
        int made = 0, disposed = 0;
        AutoMLExperiment experiment = Experiment([], 6);
        experiment.SetTrialRunner(_ =>
        {
            made++;
            return new DelegateRunner((settings, _) => new TrialResult { TrialSettings = settings, Loss = 1, DurationInMilliseconds = 1 }, () => disposed++);
        });
        await experiment.SetRandomSearchTuner().RunAsync();
        Assert.AreEqual((7, 6), (made, disposed));
    }

    [TestMethod]
    public async Task RunAsync_FirstTrialThrows_EndsTheExperiment()
    {
        AutoMLExperiment experiment = Experiment([], 6);
        experiment.SetTrialRunner(new DelegateRunner((_, _) => throw new FormatException("first"), () => { }));
        Assert.AreEqual("first", (await Assert.ThrowsExactlyAsync<FormatException>(() => experiment.SetRandomSearchTuner().RunAsync()))!.Message);
    }

    [TestMethod]
    public async Task RunAsync_ThrowsAfterASuccess_GoesOn()
    {
        AutoMLExperiment experiment = Experiment([], 4);
        experiment.SetTrialRunner(new DelegateRunner(
            (settings, _) => settings.TrialId == 0
                ? new TrialResult { TrialSettings = settings, Loss = 5, DurationInMilliseconds = 1 }
                : throw new FormatException(),
            () => { }));
        var monitor = new SearchMonitor(_mlContext);
        TrialResult best = await experiment.SetRandomSearchTuner().SetMonitor(monitor).RunAsync();
        Assert.AreEqual(5, best.Loss);
        Assert.AreEqual("4 trials: 1 feasible, 0 infeasible, 3 failed.", monitor.Summary.Split(" Best")[0]);
    }

    [TestMethod]
    public async Task RunAsync_OnlyNotANumber_IsATimeout()
    {
        AutoMLExperiment experiment = Experiment([], 3);
        experiment.SetTrialRunner(new DelegateRunner(
            (settings, _) => new TrialResult { TrialSettings = settings, Loss = double.NaN, DurationInMilliseconds = 1 }, () => { }));
        await Assert.ThrowsExactlyAsync<TimeoutException>(() => experiment.SetRandomSearchTuner().RunAsync());
    }

    [TestMethod]
    public async Task RunAsync_ContextsOfTrials_AreNewAndRelayTheirLog()
    {
        var contexts = new HashSet<MLContext>();
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        _mlContext.GpuDeviceId = 3;
        AutoMLExperiment experiment = Experiment([], 3);
        experiment.SetTrialRunner(services =>
        {
            var context = (MLContext)services.GetService(typeof(MLContext))!;
            Assert.AreEqual(3, context.GpuDeviceId);
            contexts.Add(context);
            return new DelegateRunner(
                (settings, _) =>
                {
                    using Runtime.IChannel channel = ((Runtime.IChannelProvider)context).Start("inside");
                    channel.Info(Runtime.MessageSensitivity.Unknown, $"hello of {settings.TrialId}");
                    return new TrialResult { TrialSettings = settings, Loss = 1, DurationInMilliseconds = 1 };
                },
                () => { });
        });
        await experiment.SetRandomSearchTuner().RunAsync();
        Assert.HasCount(4, contexts);
        Assert.IsNotEmpty(log.Where(m => m.Contains("hello of 2", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void SweepablePipeline_Alternatives_AreNumberedInOrderAndBuiltByName()
    {
        var history = new ToyHistory();
        SweepablePipeline two = Toy.Sweepable(_mlContext, history).Append(_mlContext.Transforms.CopyColumns("Score2", "Score"));
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X").Append(Toy.Sweepable(_mlContext, history)).Append(two, Toy.Sweepable(_mlContext, history));
        var choice = (ChoiceOption)pipeline.SearchSpace["_SCHEMA_"];
        CollectionAssert.AreEqual(new[] { "e0 * e1 * e2 * e3", "e0 * e1 * e4" }, choice.Choices.Select(c => c.AsType<string>()).ToArray());
        Parameter parameter = pipeline.SearchSpace.SampleFromFeatureSpace(pipeline.SearchSpace.Default);
        Assert.AreEqual(4, pipeline.BuildFromOption(_mlContext, parameter).Fit(Toy.Data(_mlContext)).Count());
    }

    /// <summary>Loss: distance of A from 2.5 and of log10 B from 1.2.</summary>
    private AutoMLExperiment Experiment(List<double> proposed, int trials)
    {
        var space = new SearchSpace.SearchSpace
        {
            ["A"] = new UniformDoubleOption(0, 4, defaultValue: 1),
            ["B"] = new UniformDoubleOption(1, 100, logBase: true, defaultValue: 3),
        };
        return _mlContext.Auto().CreateExperiment().AddSearchSpace("p", space).SetMaxModelToExplore(trials).SetTrialRunner(new DelegateRunner(
            (settings, _) =>
            {
                double a = settings.Parameter["p"]["A"].AsType<double>(), b = settings.Parameter["p"]["B"].AsType<double>();
                proposed.Add(a);
                proposed.Add(b);
                double loss = Math.Pow(a - 2.5, 2) + Math.Pow(Math.Log10(b) - 1.2, 2);
                return new TrialResult { TrialSettings = settings, Loss = loss, Metric = loss, DurationInMilliseconds = 1 };
            },
            () => { }));
    }

    private sealed class DelegateRunner(Func<TrialSettings, CancellationToken, TrialResult> run, Action dispose) : ITrialRunner
    {
        public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct) => Task.FromResult(run(settings, ct));

        public void Dispose() => dispose();
    }

    internal sealed class Inner
    {
        [Range(1, 4, 2)]
        public int Depth { get; set; }
    }

    internal sealed class Everything
    {
        [Choice(UpstreamBehaviourTests.Colour.Red, UpstreamBehaviourTests.Colour.Green, UpstreamBehaviourTests.Colour.Blue)]
        public Colour Colour { get; set; }

        [Range(1, 10, 3)]
        public int Count { get; set; }

        [BooleanChoice(false)]
        public bool Flag { get; set; }

        [NestOption]
        public Inner Inner { get; set; } = new();

        [Range(0.0001, 1.0, 0.01, logBase: true)]
        public double Rate { get; set; }

        [Range(0f, 2f, 0.5f)]
        public float Single { get; set; }

        [Choice(new object[] { "a", "b", "c" }, "b")]
        public string Text { get; set; } = "";

        public int NotSwept { get; set; } = 11;
    }

    internal sealed class Nullables
    {
        [Range(0.0, 1.0, 0.25)]
        public double? Rate { get; set; }

        [Range(1, 4, 2)]
        public int? Count { get; set; }

        [Choice(new object[] { UpstreamBehaviourTests.Colour.Red, UpstreamBehaviourTests.Colour.Green }, UpstreamBehaviourTests.Colour.Green)]
        public Colour? Colour { get; set; }

        [BooleanChoice]
        public bool? Flag { get; set; }
    }
}
