using System;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AutoML;

/// <summary>What SetPipeline brings: a line in the log for each event.</summary>
internal sealed class MLContextMonitor(IChannel channel) : IMonitor
{
    public void ReportBestTrial(TrialResult result) =>
        channel.Info($"Update Best Trial - Id: {result.TrialSettings.TrialId} - Metric: {result.Metric}");

    public void ReportCompletedTrial(TrialResult result) => channel.Info(
        $"Update Completed Trial - Id: {result.TrialSettings.TrialId} - Metric: {result.Metric} - Duration: {result.DurationInMilliseconds}");

    public void ReportFailTrial(TrialSettings settings, Exception exception = null)
    {
        channel.Trace(exception?.ToString() ?? "");
        channel.Info($"Update Failed Trial - Id: {settings.TrialId}");
    }

    public void ReportRunningTrial(TrialSettings setting) => channel.Info($"Update Running Trial - Id: {setting.TrialId}");
}
