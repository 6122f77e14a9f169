using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Parameters, buffers and further modules under names, in the order in which they were registered.</summary>
        public partial class Module : IDisposable
        {
            private readonly OrderedDict<string, Parameter> _parameterTable = new();
            private readonly OrderedDict<string, (Tensor Tensor, bool Persistent)> _bufferTable = new();
            private readonly OrderedDict<string, Module> _children = new();
            private readonly string _name;

            protected Module(string name) => _name = name;

            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            /// <summary>Registers the fields of the object's own class: parameters, plain tensors as buffers, modules.</summary>
            protected virtual void RegisterComponents()
            {
                const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
                foreach (FieldInfo field in GetType().GetFields(Own))
                {
                    object value = field.GetValue(this);
                    string name = field.ComponentName();
                    switch (value)
                    {
                        case Module module when !_children.ContainsKey(name):
                            register_module(name, module);
                            break;
                        case Modules.Parameter parameter when !_parameterTable.ContainsKey(name):
                            register_parameter(name, parameter);
                            break;
                        case Tensor tensor when value is not Modules.Parameter && !_bufferTable.ContainsKey(name):
                            register_buffer(name, tensor);
                            break;
                    }
                }
            }

            private void CheckName(string name, string what)
            {
                if (string.IsNullOrEmpty(name))
                    throw new ArgumentException($"The name of a {what} cannot be empty.", nameof(name));
                if (name.Contains('.'))
                    throw new ArgumentException($"The name of a {what} cannot contain '.': '{name}'.", nameof(name));
                if (_parameterTable.ContainsKey(name) || _bufferTable.ContainsKey(name) || _children.ContainsKey(name))
                    throw new InvalidOperationException($"'{name}' is already registered in module '{GetName()}'.");
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                CheckName(name, "parameter");
                if (param is null)
                    return;
                param.DetachFromDisposeScope();
                _parameterTable.Add(name, param);
            }

            internal void ReplaceParameter(string name, Parameter param)
            {
                if (param is null)
                {
                    _parameterTable.Remove(name);
                    return;
                }
                param.DetachFromDisposeScope();
                _parameterTable[name] = param;
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckName(name, "buffer");
                if (tensor is null)
                    return;
                tensor.DetachFromDisposeScope();
                _bufferTable.Add(name, (tensor, persistent));
            }

            public virtual void register_module(string name, Module submodule)
            {
                CheckName(name, "module");
                if (submodule is not null)
                    _children.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (name, parameter) in _parameterTable)
                    if (seen.Add(parameter))
                        yield return (name, parameter);
                if (!recurse)
                    yield break;
                foreach (var (child, module) in _children)
                    foreach (var (name, parameter) in module.named_parameters(true))
                        if (seen.Add(parameter))
                            yield return ($"{child}.{name}", parameter);
            }

            /// <remarks>As upstream has it, buffers that are not persistent never appear.</remarks>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (name, (buffer, persistent)) in _bufferTable)
                    if (persistent && seen.Add(buffer))
                        yield return (name, buffer);
                if (!recurse)
                    yield break;
                foreach (var (child, module) in _children)
                    foreach (var (name, buffer) in module.named_buffers(true, include_nonpersistent))
                        if (seen.Add(buffer))
                            yield return ($"{child}.{name}", buffer);
            }

            public virtual IEnumerable<(string name, Module module)> named_children()
            {
                foreach (var child in _children)
                    yield return child;
            }

            /// <summary>All modules below this one, children first.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _children)
                    yield return child;
                foreach (var (child, module) in _children)
                    foreach (var (name, below) in module.named_modules())
                        yield return ($"{child}.{name}", below);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);
            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);
            public virtual IEnumerable<Module> children() => named_children().Select(c => c.module);
            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual bool has_parameter(string target) => get_parameter(target) is not null;
            public virtual bool has_buffer(string target) => get_buffer(target) is not null;

            public virtual Parameter get_parameter(string target) => named_parameters().FirstOrDefault(p => p.name == target).parameter;

            public virtual Tensor get_buffer(string target) =>
                _bufferTable.TryGetValue(target, out var own) ? own.Tensor : named_buffers().FirstOrDefault(b => b.name == target).buffer;

            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, module) in _children)
                    module.apply(fn);
                fn(this);
                return this;
            }

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, module) in _children)
                    module.train(train);
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (Parameter parameter in parameters())
                {
                    if (set_to_none)
                        parameter.grad = null;
                    else
                    {
                        using Tensor grad = parameter.grad;
                        grad?.zero_();
                    }
                }
            }

            /// <summary>Converts floating-point parameters and buffers, and moves all; the objects stay the same.</summary>
            internal void Convert(ScalarType? type, Device device)
            {
                device = device is null ? null : InitializeDevice(device);
                using (no_grad())
                {
                    foreach (var (_, parameter) in _parameterTable)
                        ConvertOne(parameter, type, device, parameter.requires_grad);
                    foreach (var (_, (buffer, _)) in _bufferTable)
                        ConvertOne(buffer, type, device, false);
                }
                foreach (var (_, module) in _children)
                    module.Convert(type, device);
            }

            private static void ConvertOne(Tensor tensor, ScalarType? type, Device device, bool requiresGrad)
            {
                ScalarType target = type is not null && tensor.is_floating_point() ? type.Value : tensor.dtype;
                Device place = device ?? tensor.device;
                if (target == tensor.dtype && place.type == tensor.device_type && (place.index < 0 || place.index == tensor.device_index))
                    return;
                using Tensor gradient = tensor.grad;
                Tensor converted = tensor.to(target, place);
                converted.DetachFromDisposeScope();
                tensor.Replace(converted.DecoupleFromNativeHandle());
                if (requiresGrad)
                    tensor.requires_grad = true;
                if (gradient is null)
                    return;
                using Tensor moved = gradient.to(target, place);
                tensor.grad = moved;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (var (_, parameter) in _parameterTable)
                    parameter.Dispose();
                foreach (var (_, (buffer, _)) in _bufferTable)
                    buffer.Dispose();
                foreach (var (_, module) in _children)
                    module.Dispose();
            }
        }

        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }

        public interface IModule<T1, T2, TResult>
        {
            TResult call(T1 input1, T2 input2);
        }

        public interface IModule<T1, T2, T3, TResult>
        {
            TResult call(T1 input1, T2 input2, T3 input3);
        }

        public abstract class Module<T, TResult> : Module, IModule<T, TResult>
        {
            protected Module(string name) : base(name) { }
            public abstract TResult forward(T input);
            public TResult call(T input) => forward(input);
        }

        public abstract class Module<T1, T2, TResult> : Module, IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name) { }
            public abstract TResult forward(T1 input1, T2 input2);
            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }

        public abstract class Module<T1, T2, T3, TResult> : Module, IModule<T1, T2, T3, TResult>
        {
            protected Module(string name) : base(name) { }
            public abstract TResult forward(T1 input1, T2 input2, T3 input3);
            public TResult call(T1 input1, T2 input2, T3 input3) => forward(input1, input2, input3);
        }
    }
}
