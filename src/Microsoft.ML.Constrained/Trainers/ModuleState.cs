using System;
using System.Collections.Generic;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A copy of a module's parameters and buffers.</summary>
internal sealed class ModuleState : IDisposable
{
    private readonly Tensor[] _values;

    public ModuleState(nn.Module module)
    {
        using IDisposable off = no_grad();
        _values = [.. Tensors(module).Select(t => t.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>Gives the module this state.</summary>
    public void Restore(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using IDisposable off = no_grad();
        foreach ((Tensor target, Tensor value) in Tensors(module).Zip(_values))
            target.copy_(value);
    }

    public void Dispose()
    {
        foreach (Tensor value in _values)
            value.Dispose();
    }

    private static IEnumerable<Tensor> Tensors(nn.Module module) =>
        module.named_parameters().Select(p => (Tensor)p.parameter).Concat(module.named_buffers().Select(b => b.buffer));
}
