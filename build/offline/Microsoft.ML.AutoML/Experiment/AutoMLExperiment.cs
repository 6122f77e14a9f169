using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

/// <summary>Trials one after another: a tuner proposes, a runner tries, the smallest loss is kept.</summary>
public class AutoMLExperiment
{
    internal const string PipelineSearchspaceName = "_pipeline_";

    private readonly AutoMLExperimentSettings _settings;
    private TrialResult _best;
    private double _bestLoss = double.MaxValue;

    public AutoMLExperiment(MLContext context, AutoMLExperimentSettings settings)
    {
        _settings = settings;
        _settings.Seed ??= ((IHostEnvironmentInternal)context).Seed;
        _settings.SearchSpace ??= new SearchSpace.SearchSpace();
        IChannel channel = ((IChannelProvider)context).Start(nameof(AutoMLExperiment));
        IChannel childChannel = ((IChannelProvider)context).Start(nameof(AutoMLExperiment) + "-ChildContext");
        Services.AddSingleton<AutoMLExperimentSettings>(_ => _settings);
        Services.AddSingleton<IChannel>(_ => channel);
        Services.AddTransient<MLContext>(_ => Child(context, childChannel));
    }

    internal Services Services { get; } = new();

    public AutoMLExperiment SetTrainingTimeInSeconds(uint trainingTimeInSeconds)
    {
        _settings.MaxExperimentTimeInSeconds = trainingTimeInSeconds;
        return this;
    }

    public AutoMLExperiment SetMaxModelToExplore(int maxModel)
    {
        _settings.MaxModels = maxModel;
        return this;
    }

    public AutoMLExperiment AddSearchSpace(string key, SearchSpace.SearchSpace searchSpace)
    {
        _settings.SearchSpace[key] = searchSpace;
        return this;
    }

    public AutoMLExperiment SetMonitor<TMonitor>(TMonitor monitor) where TMonitor : class, IMonitor => SetMonitor(_ => monitor);

    public AutoMLExperiment SetMonitor<TMonitor>() where TMonitor : class, IMonitor => SetMonitor(p => (TMonitor)Services.Create(p, typeof(TMonitor)));

    public AutoMLExperiment SetMonitor<TMonitor>(Func<IServiceProvider, TMonitor> factory) where TMonitor : class, IMonitor
    {
        Services.AddSingleton<IMonitor>(factory);
        return this;
    }

    public AutoMLExperiment SetTrialRunner<TTrialRunner>(TTrialRunner runner) where TTrialRunner : class, ITrialRunner =>
        SetTrialRunner(_ => runner);

    public AutoMLExperiment SetTrialRunner<TTrialRunner>() where TTrialRunner : class, ITrialRunner =>
        SetTrialRunner(p => (TTrialRunner)Services.Create(p, typeof(TTrialRunner)));

    /// <summary>One runner for each trial, and one more at the start.</summary>
    public AutoMLExperiment SetTrialRunner<TTrialRunner>(Func<IServiceProvider, TTrialRunner> factory) where TTrialRunner : class, ITrialRunner
    {
        Services.AddTransient<ITrialRunner>(factory);
        return this;
    }

    public AutoMLExperiment SetTuner<TTuner>(TTuner proposer) where TTuner : class, ITuner => SetTuner(_ => proposer);

    public AutoMLExperiment SetTuner<TTuner>() where TTuner : class, ITuner => SetTuner(p => (TTuner)Services.Create(p, typeof(TTuner)));

    public AutoMLExperiment SetTuner<TTuner>(Func<IServiceProvider, TTuner> factory) where TTuner : class, ITuner
    {
        Services.AddSingleton<ITuner>(factory);
        return this;
    }

    public TrialResult Run() => RunAsync().Result;

    public async Task<TrialResult> RunAsync(CancellationToken ct = default)
    {
        _settings.CancellationToken = ct;
        var provider = Services.Build();
        var channel = (IChannel)provider.GetService(typeof(IChannel));
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(_settings.MaxExperimentTimeInSeconds));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        provider.GetService(typeof(ITrialRunner));
        var monitor = (IMonitor)provider.GetService(typeof(IMonitor));
        var tuner = (ITuner)provider.GetService(typeof(ITuner));
        for (int id = 0; id < _settings.MaxModels && !stop.IsCancellationRequested; id++)
        {
            var trial = new TrialSettings { TrialId = id, Parameter = Parameter.CreateNestedParameter(), StartedAtUtc = DateTime.UtcNow };
            trial.Parameter = tuner.Propose(trial);
            monitor?.ReportRunningTrial(trial);
            try
            {
                await RunTrialAsync(provider, trial, monitor, tuner, stop.Token);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                trial.EndedAtUtc = DateTime.UtcNow;
                channel.Trace($"Trial {trial.TrialId} with configuration {trial.Parameter} failed: {e.Message}");
                monitor?.ReportFailTrial(trial, e);
                tuner.Update(new TrialResult { TrialSettings = trial, Loss = double.MaxValue });
                if (_best == null && e is not (OperationCanceledException or OutOfMemoryException))
                    throw;
            }
        }

        return _best ?? throw new TimeoutException(
            "Training time finished without completing a successful trial. Either no trial completed or the metric for all completed trials are NaN or Infinity");
    }

    private async Task RunTrialAsync(IServiceProvider provider, TrialSettings trial, IMonitor monitor, ITuner tuner, CancellationToken stop)
    {
        using var runner = (ITrialRunner)provider.GetService(typeof(ITrialRunner))
            ?? throw new InvalidOperationException($"No service for type '{typeof(ITrialRunner)}' has been registered.");
        using var trialStop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var result = await runner.RunAsync(trial, trialStop.Token);
        result.TrialSettings.EndedAtUtc = DateTime.UtcNow;
        monitor?.ReportCompletedTrial(result);
        tuner.Update(result);
        if (!(result.Loss < _bestLoss))
            return;
        (_best, _bestLoss) = (result, result.Loss);
        monitor?.ReportBestTrial(result);
    }

    private static MLContext Child(MLContext main, IChannel channel)
    {
        var child = new MLContext(((IHostEnvironmentInternal)main).Seed)
        {
            GpuDeviceId = main.GpuDeviceId,
            FallbackToCpu = main.FallbackToCpu,
            TempFilePath = main.TempFilePath,
        };
        child.Log += (_, e) => channel.Send(new ChannelMessage(e.Kind, MessageSensitivity.Unknown, e.Message));
        return child;
    }

    public class AutoMLExperimentSettings : ExperimentSettings
    {
        public int? Seed { get; set; }

        public SearchSpace.SearchSpace SearchSpace { get; set; }
    }
}
