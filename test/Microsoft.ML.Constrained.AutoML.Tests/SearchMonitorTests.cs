using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

[TestClass]
public sealed class SearchMonitorTests : IDisposable
{
    private readonly MLContext _mlContext = new(1);
    private readonly List<(ChannelMessageKind Kind, string Message)> _log = [];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"search-{Guid.NewGuid():N}.csv");

    public SearchMonitorTests() => _mlContext.Log += (_, e) =>
    {
        if (!e.RawMessage.StartsWith("Channel", StringComparison.Ordinal))
            _log.Add((e.Kind, e.RawMessage));
    };

    public void Dispose() => File.Delete(_path);

    [TestMethod]
    public void Trials_ReportedOneByOne_AreInLogFileAndHistory()
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            var monitor = new SearchMonitor(_mlContext, _path);
            Assert.IsNull(monitor.Best);
            monitor.ReportRunningTrial(Settings(0));
            monitor.ReportCompletedTrial(new ConstrainedTrialResult
            {
                TrialSettings = Settings(0),
                Status = TrialStatus.Infeasible,
                Loss = 1.25e30,
                Metric = 0.5,
                Feasibility = new FeasibilityMeasure(8, 2, 0.75),
                Reason = "2 of 8 held-out rows break \"it\", by at most 0.75",
                DurationInMilliseconds = 12.5,
            });
            monitor.ReportCompletedTrial(new ConstrainedTrialResult { TrialSettings = Settings(1), Status = TrialStatus.Feasible, Loss = 0.25, Metric = 0.25 });
            monitor.ReportBestTrial(new ConstrainedTrialResult { TrialSettings = Settings(1) });
            monitor.ReportFailTrial(Settings(2), new FormatException("two\rlines"));
            monitor.ReportFailTrial(Settings(3));

            string[] lines = File.ReadAllText(_path).Split(Environment.NewLine);
            Assert.AreEqual("trial,status,loss,metric,rows,violating_rows,largest_violation,milliseconds,best_trial,best_loss,parameters,reason", lines[0]);
            Assert.AreEqual(
                "0,Infeasible,1.25E+30,0.5,8,2,0.75,12.5,0,1.25E+30,\"{\"\"Rate\"\":0.125,\"\"Kind\"\":\"\"x\"\"}\"," +
                "\"2 of 8 held-out rows break \"\"it\"\", by at most 0.75\"",
                lines[1]);
            Assert.AreEqual("1,Feasible,0.25,0.25,0,0,0,0,1,0.25,\"{\"\"Rate\"\":0.125,\"\"Kind\"\":\"\"x\"\"}\",", lines[2]);
            StringAssert.Contains(lines[3], "2,Failed,1.7976931348623157E+308,NaN,0,0,0,NaN,1,0.25,");
            StringAssert.EndsWith(lines[3], "\"FormatException: two\rlines\"");
            StringAssert.EndsWith(lines[4], ",no reason was given");

            Assert.AreEqual((ChannelMessageKind.Trace, "Trial 0 begins: Rate=0.125, Kind=x"), _log[0]);
            Assert.AreEqual(
                (ChannelMessageKind.Info, "Trial 0: infeasible: 2 of 8 held-out rows break \"it\", by at most 0.75; best trial 0, infeasible; 12 ms; Rate=0.125, Kind=x"),
                _log[1]);
            Assert.AreEqual((ChannelMessageKind.Info, "Trial 1: loss 0.25; best 0.25 (trial 1); 0 ms; Rate=0.125, Kind=x"), _log[2]);
            Assert.AreEqual(ChannelMessageKind.Warning, _log[3].Kind);
            Assert.AreEqual(1, monitor.Best!.Id);
            Assert.HasCount(4, monitor.Trials);
            Assert.AreEqual("4 trials: 1 feasible, 1 infeasible, 2 failed. Best: trial 1, loss 0.25 (Rate=0.125, Kind=x).", monitor.Summary);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void ReportCompletedTrial_ResultOfAnotherRunner_CountsUnlessItsLossDoesNot()
    {
        var monitor = new SearchMonitor(_mlContext);
        monitor.ReportCompletedTrial(new TrialResult { TrialSettings = Settings(0), Loss = double.NaN });
        monitor.ReportCompletedTrial(new TrialResult { TrialSettings = Settings(1), Loss = 3, Metric = -3 });
        Assert.AreEqual((TrialStatus.Failed, "its loss is NaN"), (monitor.Trials[0].Status, monitor.Trials[0].Reason));
        Assert.AreEqual((TrialStatus.Feasible, -3.0), (monitor.Best!.Status, monitor.Best.Metric));
    }

    [TestMethod]
    public void Constructor_PathThatCannotBeWritten_Throws() =>
        Assert.Throws<IOException>(() => new SearchMonitor(_mlContext, Path.Combine(_path, "there", "is", "no.csv")));

    [TestMethod]
    public void ReportFailTrial_FileThatCannotBeWrittenAnyMore_GoesOnWithAWarning()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        var monitor = new SearchMonitor(_mlContext, Path.Combine(folder, "trials.csv"));
        Directory.Delete(folder, recursive: true);
        monitor.ReportFailTrial(Settings(0));
        monitor.ReportFailTrial(Settings(1));
        Assert.HasCount(2, monitor.Trials);
        Assert.AreEqual(1, _log.Count(m => m.Message.Contains("cannot be written", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Search_WithAPath_WritesALineForEachTrial()
    {
        var search = new ConstrainedSearch(_mlContext, Toy.Pipeline(_mlContext, new ToyHistory()), Toy.Options(_mlContext), _path);
        search.Experiment.SetMaxModelToExplore(5);
        await search.RunAsync();
        Assert.HasCount(6, File.ReadAllLines(_path));
    }

    private static TrialSettings Settings(int id)
    {
        Parameter parameter = Parameter.CreateNestedParameter();
        parameter["Rate"] = Parameter.FromDouble(0.125);
        parameter["Kind"] = Parameter.FromString("x");
        return new TrialSettings { TrialId = id, Parameter = parameter };
    }
}
