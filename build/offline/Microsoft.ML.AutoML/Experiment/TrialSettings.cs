using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

public class TrialSettings
{
    public int TrialId { get; set; }

    public DateTime StartedAtUtc { get; set; }

    public DateTime? EndedAtUtc { get; set; }

    public Parameter Parameter { get; set; }
}

public class TrialResult
{
    public TrialSettings TrialSettings { get; set; }

    public ITransformer Model { get; set; }

    /// <summary>What a search makes small.</summary>
    public double Loss { get; set; }

    public double Metric { get; set; }

    public double DurationInMilliseconds { get; set; }
}

public interface ITrialRunner : IDisposable
{
    Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct);
}

public interface IMonitor
{
    void ReportCompletedTrial(TrialResult result);

    void ReportBestTrial(TrialResult result);

    void ReportFailTrial(TrialSettings settings, Exception exception = null);

    void ReportRunningTrial(TrialSettings setting);
}
