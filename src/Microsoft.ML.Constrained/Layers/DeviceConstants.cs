using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Tensors that follow from what a layer was made for, made once for each device and type that inputs come from. They are no buffers
/// of the module, so that loading a state cannot change the constraints.
/// </summary>
internal sealed class DeviceConstants<T> : IDisposable
    where T : class
{
    private readonly Func<ScalarType, Device, (T Value, Tensor?[] Tensors)> _make;
    private readonly Dictionary<(DeviceType Type, int Index, ScalarType Scalar), (T Value, Tensor?[] Tensors)> _known = [];

    /// <param name="make">Makes the constants, and lists the tensors among them.</param>
    public DeviceConstants(Func<ScalarType, Device, (T Value, Tensor?[] Tensors)> make) => _make = make;

    public T For(ScalarType type, Device device)
    {
        (DeviceType Type, int Index, ScalarType Scalar) key = (device.type, device.index, type);
        lock (_known)
        {
            if (_known.TryGetValue(key, out (T Value, Tensor?[] Tensors) found))
                return found.Value;
            using IDisposable off = no_grad();
            using DisposeScope scope = NewDisposeScope();
            found = _make(type, device);
            foreach (Tensor? tensor in found.Tensors)
                tensor?.DetachFromDisposeScope();
            _known.Add(key, found);
            return found.Value;
        }
    }

    public void Dispose()
    {
        lock (_known)
        {
            foreach ((_, Tensor?[] tensors) in _known.Values)
            {
                foreach (Tensor? tensor in tensors)
                    tensor?.Dispose();
            }

            _known.Clear();
        }
    }
}
