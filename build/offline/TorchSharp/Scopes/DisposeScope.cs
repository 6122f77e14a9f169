using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Owns the tensors made while it is its thread's innermost scope, and disposes them when it ends.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private readonly List<IDisposable> _owned = new();

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        Outer = manager.Current;
        manager.Current = this;
    }

    internal DisposeScope Outer { get; set; }

    public IReadOnlyList<IDisposable> DisposablesView => _owned;
    public int DisposablesCount => _owned.Count;

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(Outer, disposable);
    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(Outer, first, second);
    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(Outer, first, second, third);
    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(Outer, disposables);
    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(Outer, disposables);

    public T MoveToOther<T>(DisposeScope scope, T disposable) where T : IDisposable
    {
        Move(disposable, scope);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope scope, T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        Move(first, scope);
        Move(second, scope);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        Move(first, scope);
        Move(second, scope);
        Move(third, scope);
        return (first, second, third);
    }

    public void MoveToOther(DisposeScope scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables)
            Move(disposable, scope);
    }

    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther(null, disposable);
    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(null, first, second);
    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther((DisposeScope)null, first, second, third);
    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables);
    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public void Attach(IDisposable disposable) => Adopt(disposable);
    public void Attach(params IDisposable[] disposables)
    {
        foreach (var disposable in disposables)
            Adopt(disposable);
    }

    public void DisposeEverything() => DisposeEverythingBut(Array.Empty<IDisposable>());

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var keep = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in _owned.ToArray())
            if (!keep.Contains(disposable))
                disposable.Dispose();
        _owned.RemoveAll(d => d is not Tensor && !keep.Contains(d));
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { keep });
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second });
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut(new IDisposable[] { first, second, third });
        return (first, second, third);
    }

    public bool Contains(IDisposable disposable) =>
        disposable is Tensor tensor ? tensor.OwningDisposeScope == this : _owned.Exists(d => ReferenceEquals(d, disposable));

    public void MarkAsDisposed(IDisposable disposable) => Remove(disposable);

    public void Dispose()
    {
        // From the end: a removal then moves nothing.
        while (_owned.Count > 0)
        {
            int before = _owned.Count;
            IDisposable last = _owned[before - 1];
            last.Dispose();
            if (_owned.Count == before)
                _owned.RemoveAt(before - 1);
        }
        _manager.Leave(this);
    }

    internal void Add(IDisposable disposable)
    {
        if (disposable is Tensor tensor)
        {
            tensor.OwningDisposeScope = this;
            tensor.SlotInScope = _owned.Count;
        }
        _owned.Add(disposable);
    }

    internal void Remove(IDisposable disposable)
    {
        if (disposable is not Tensor tensor)
        {
            _owned.RemoveAll(d => ReferenceEquals(d, disposable));
            return;
        }
        if (tensor.OwningDisposeScope != this)
            return;
        // The last one takes the place, so that a removal costs the same however many there are.
        int slot = tensor.SlotInScope, last = _owned.Count - 1;
        if (slot > last || !ReferenceEquals(_owned[slot], tensor))
            slot = _owned.FindIndex(d => ReferenceEquals(d, tensor));
        _owned[slot] = _owned[last];
        if (_owned[slot] is Tensor moved)
            moved.SlotInScope = slot;
        _owned.RemoveAt(last);
        tensor.OwningDisposeScope = null;
    }

    private void Adopt(IDisposable disposable)
    {
        if (disposable is null || Contains(disposable))
            return;
        (disposable as Tensor)?.OwningDisposeScope?.Remove(disposable);
        Add(disposable);
    }

    private void Move(IDisposable disposable, DisposeScope target)
    {
        if (disposable is null)
            return;
        DisposeScope from = disposable is Tensor tensor ? tensor.OwningDisposeScope : Contains(disposable) ? this : null;
        if (from is null || from == target)
            return;
        from.Remove(disposable);
        if (target is not null)
            target.Add(disposable);
        else if (disposable is Tensor)
            DisposeScopeManager.Statistics.Detached();
    }
}
