using System;
using System.Diagnostics;

namespace Microsoft.ML.Runtime;

/// <summary>A pipe that nobody listens to: only channels have listeners.</summary>
internal class Pipe<TMessage>(string name) : IPipe<TMessage>
{
    public string ContextDescription => name;

    public TException Process<TException>(TException ex) where TException : Exception => ex;

    public virtual void Send(TMessage msg) { }

    public virtual void Dispose() { }
}

/// <summary>Sends messages to the environment's listeners; its start and end are messages too.</summary>
internal sealed class Channel : Pipe<ChannelMessage>, IChannel
{
    private readonly LocalEnvironment _root;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private bool _disposed;

    public Channel(LocalEnvironment root, string name) : base(name)
    {
        _root = root;
        Trace(MessageSensitivity.None, "Channel started");
    }

    public override void Send(ChannelMessage msg) => _root.Send(ContextDescription, msg);

    public void Trace(MessageSensitivity sensitivity, string message) => Send(new(ChannelMessageKind.Trace, sensitivity, message));

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Trace, sensitivity, fmt, args));

    public void Error(MessageSensitivity sensitivity, string message) => Send(new(ChannelMessageKind.Error, sensitivity, message));

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Error, sensitivity, fmt, args));

    public void Warning(MessageSensitivity sensitivity, string message) => Send(new(ChannelMessageKind.Warning, sensitivity, message));

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Warning, sensitivity, fmt, args));

    public void Info(MessageSensitivity sensitivity, string message) => Send(new(ChannelMessageKind.Info, sensitivity, message));

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Send(new(ChannelMessageKind.Info, sensitivity, fmt, args));

    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _watch.Elapsed);
        Trace(MessageSensitivity.None, "Channel disposed");
    }
}

/// <summary>Progress is shown nowhere, as with an MLContext.</summary>
internal sealed class SilentProgress : IProgressChannel
{
    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction) { }

    public void Checkpoint(params double?[] values) { }

    public IProgressChannel StartProgressChannel(string name) => new SilentProgress();

    public void Dispose() { }
}
