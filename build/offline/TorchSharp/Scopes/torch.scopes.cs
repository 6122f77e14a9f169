using System;

namespace TorchSharp;

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => new(DisposeScopeManager.Instance);

    public static DisposeScope CurrentDisposeScope => DisposeScopeManager.Instance.Current;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(expr());
    }
}
