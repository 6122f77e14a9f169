using System;
using System.Collections.Generic;

namespace Microsoft.ML.Runtime;

public interface IExceptionContext
{
    TException Process<TException>(TException ex) where TException : Exception;

    string ContextDescription { get; }
}

public interface IChannelProvider : IExceptionContext
{
    IChannel Start(string name);

    IPipe<TMessage> StartPipe<TMessage>(string name);
}

public interface IProgressChannelProvider
{
    IProgressChannel StartProgressChannel(string name);
}

public interface IHostEnvironment : IChannelProvider, IProgressChannelProvider
{
    IHost Register(string name, int? seed = null, bool? verbose = null);

    ComponentCatalog ComponentCatalog { get; }
}

public interface IHost : IHostEnvironment
{
    Random Rand { get; }
}

/// <summary>What hosts copy from their environment when they are registered.</summary>
internal interface IHostEnvironmentInternal : IHostEnvironment
{
    int? Seed { get; }

    string TempFilePath { get; set; }

    int? GpuDeviceId { get; set; }

    bool FallbackToCpu { get; set; }

    bool TryAddOption<T>(string name, T value);

    void SetOption<T>(string name, T value);

    bool TryGetOption<T>(string name, out T value);

    T GetOptionOrDefault<T>(string name);

    bool RemoveOption(string name);
}

internal interface ICancelable
{
    bool IsCanceled { get; }

    void CancelExecution();
}

public interface IPipe<TMessage> : IExceptionContext, IDisposable
{
    void Send(TMessage msg);
}

public interface IChannel : IPipe<ChannelMessage>
{
    void Trace(MessageSensitivity sensitivity, string message);

    void Trace(MessageSensitivity sensitivity, string fmt, params object[] args);

    void Error(MessageSensitivity sensitivity, string message);

    void Error(MessageSensitivity sensitivity, string fmt, params object[] args);

    void Warning(MessageSensitivity sensitivity, string message);

    void Warning(MessageSensitivity sensitivity, string fmt, params object[] args);

    void Info(MessageSensitivity sensitivity, string message);

    void Info(MessageSensitivity sensitivity, string fmt, params object[] args);
}

public interface IProgressChannel : IProgressChannelProvider, IDisposable
{
    void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction);

    void Checkpoint(params double?[] values);
}

public interface IProgressEntry
{
    void SetProgress(int unit, double value);

    void SetProgress(int unit, double value, double lim);

    void SetMetric(int metric, double value);
}

public sealed class ProgressHeader
{
    public readonly IReadOnlyList<string> UnitNames;
    public readonly IReadOnlyList<string> MetricNames;

    public ProgressHeader(string[] metricNames, string[] unitNames)
    {
        MetricNames = metricNames ?? [];
        UnitNames = unitNames ?? [];
    }

    public ProgressHeader(params string[] unitNames) : this(null, unitNames) { }
}

public enum ChannelMessageKind
{
    Trace = 0,
    Info = 1,
    Warning = 2,
    Error = 3,
}

[Flags]
public enum MessageSensitivity
{
    None = 0,
    UserData = 0x1,
    Schema = 0x2,
    Unknown = ~(UserData | Schema),
    All = ~None,
}
