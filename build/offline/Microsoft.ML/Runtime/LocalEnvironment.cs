using System;
using System.Collections.Concurrent;
using System.IO;

namespace Microsoft.ML.Runtime;

/// <summary>What an environment and its hosts share: listeners, the catalog, settings, and a generator that seeds the hosts'.</summary>
internal abstract class EnvironmentBase : IHostEnvironmentInternal, ICancelable
{
    private readonly LocalEnvironment _root;
    private readonly string _name;
    private readonly object _lock = new();
    private protected readonly Random Random;
    private volatile bool _canceled;
    private readonly ConcurrentDictionary<string, object> _options = new();

    private protected EnvironmentBase(EnvironmentBase parent, string name, int? seed, Random random)
    {
        _root = parent?._root ?? (LocalEnvironment)this;
        _name = name;
        Random = random;
        Seed = seed;
        if (parent == null)
            return;
        TempFilePath = parent.TempFilePath;
        GpuDeviceId = parent.GpuDeviceId;
        FallbackToCpu = parent.FallbackToCpu;
        _options = parent._options;
        _canceled = parent._canceled;
    }

    public int? Seed { get; }

    public string TempFilePath { get; set; } = Path.GetTempPath();

    public int? GpuDeviceId { get; set; }

    public bool FallbackToCpu { get; set; }

    public ComponentCatalog ComponentCatalog => _root.Components;

    public string ContextDescription => _name;

    public bool IsCanceled => _canceled || _root._canceled;

    public void CancelExecution() => _root._canceled = true;

    public TException Process<TException>(TException ex) where TException : Exception => ex;

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        lock (_lock)
            return new Host(this, name, seed.HasValue ? RandomUtils.Create(seed.Value) : RandomUtils.Create(Random));
    }

    public IChannel Start(string name) => new Channel(_root, Named(name));

    public IPipe<TMessage> StartPipe<TMessage>(string name) => new Pipe<TMessage>(Named(name));

    public IProgressChannel StartProgressChannel(string name)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        return new SilentProgress();
    }

    private string Named(string name) => _name == null ? name : _name + "; " + name;

    public bool TryAddOption<T>(string name, T value) => _options.TryAdd(name, value);

    public void SetOption<T>(string name, T value) => _options[name] = value;

    public bool TryGetOption<T>(string name, out T value)
    {
        bool found = _options.TryGetValue(name, out object boxed);
        value = found ? (T)boxed : default;
        return found;
    }

    public T GetOptionOrDefault<T>(string name) => TryGetOption(name, out T value) ? value : default;

    public bool RemoveOption(string name) => _options.TryRemove(name, out _);

    private sealed class Host(EnvironmentBase parent, string name, Random random)
        : EnvironmentBase(parent, name, parent.Seed, random), IHost
    {
        public Random Rand => Random;
    }
}

internal sealed class LocalEnvironment(int? seed) : EnvironmentBase(null, null, seed, RandomUtils.Create(seed))
{
    public readonly ComponentCatalog Components = new();

    public event Action<string, ChannelMessage> Message;

    public void Send(string source, ChannelMessage message) => Message?.Invoke(source, message);
}
