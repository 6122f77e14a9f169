using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Sequential Sequential() => new(Array.Empty<Module<Tensor, Tensor>>());
            public static Modules.Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => new(modules);
            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules);
            public static Modules.Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) =>
                new(modules.ToArray());
            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.ToArray());
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Modules one after another, under their numbers where no names are given.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<nn.Module<Tensor, Tensor>> _steps = new();

        protected internal Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : base(NameOfUpstream)
        {
            foreach (var (name, module) in modules)
                append(name, module);
        }

        protected internal Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(NameOfUpstream)
        {
            foreach (var module in modules)
                append(module);
        }

        private const string NameOfUpstream = "torch::nn::SequentialImpl";

        public int Count => _steps.Count;

        [IndexerName("SequentialItems")]
        public nn.IModule<Tensor, Tensor> this[int index] => _steps[index];

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            var step = (nn.Module<Tensor, Tensor>)module;
            register_module(name, step);
            _steps.Add(step);
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append(_steps.Count.ToString(CultureInfo.InvariantCulture), module);

        public override Tensor forward(Tensor tensor)
        {
            if (_steps.Count == 0)
                return tensor.alias();
            Tensor current = tensor;
            foreach (var step in _steps)
            {
                Tensor next = step.call(current);
                // What lies between is nobody else's; an in-place step gives its own argument back.
                if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next))
                    current.Dispose();
                current = next;
            }
            return current;
        }
    }
}
