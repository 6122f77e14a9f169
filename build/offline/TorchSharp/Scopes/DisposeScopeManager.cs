using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The dispose scopes of one thread.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager t_instance;
    private readonly ThreadDisposeScopeStatistics _statistics = new();

    internal static DisposeScopeManager Instance => t_instance ??= new DisposeScopeManager();

    public static ThreadDisposeScopeStatistics Statistics => Instance._statistics;

    internal DisposeScope Current { get; set; }

    internal void Made(Tensor tensor)
    {
        _statistics.Created(Current is not null);
        Current?.Add(tensor);
    }

    internal static void Gone(Tensor tensor)
    {
        DisposeScope scope = tensor.OwningDisposeScope;
        Statistics.Disposed(scope is not null);
        scope?.Remove(tensor);
    }

    /// <summary>Takes a scope out, wherever it stands: an outer one may end before those inside it.</summary>
    internal void Leave(DisposeScope scope)
    {
        if (Current == scope)
        {
            Current = scope.Outer;
            return;
        }
        for (DisposeScope inner = Current; inner is not null; inner = inner.Outer)
            if (inner.Outer == scope)
                inner.Outer = scope.Outer;
    }
}
