using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.AutoML;

/// <summary>What an experiment's parts are made of: the last registration of a type counts.</summary>
internal sealed class Services
{
    private readonly Dictionary<Type, (Func<IServiceProvider, object> Make, bool Shared)> _makers = [];

    /// <summary>Made once in each run.</summary>
    public void AddSingleton<T>(Func<IServiceProvider, object> make) => _makers[typeof(T)] = (make, true);

    /// <summary>Made each time that it is asked for.</summary>
    public void AddTransient<T>(Func<IServiceProvider, object> make) => _makers[typeof(T)] = (make, false);

    public IServiceProvider Build() => new Provider(new(_makers));

    /// <summary>Through the constructor of which the most arguments are known.</summary>
    public static object Create(IServiceProvider provider, Type type)
    {
        foreach (var constructor in type.GetConstructors().OrderByDescending(c => c.GetParameters().Length))
        {
            var parameters = constructor.GetParameters();
            object[] arguments = [.. parameters.Select(p => provider.GetService(p.ParameterType))];
            if (parameters.Zip(arguments).All(p => p.Second != null || p.First.HasDefaultValue))
                return constructor.Invoke([.. parameters.Zip(arguments, (p, a) => a ?? p.DefaultValue)]);
        }

        throw new InvalidOperationException($"Unable to resolve service for a constructor of '{type}'.");
    }

    private sealed class Provider(Dictionary<Type, (Func<IServiceProvider, object> Make, bool Shared)> makers) : IServiceProvider
    {
        private readonly Dictionary<Type, object> _made = [];

        public object GetService(Type serviceType)
        {
            if (serviceType == typeof(IServiceProvider))
                return this;
            if (!makers.TryGetValue(serviceType, out var maker))
                return null;
            if (!maker.Shared)
                return maker.Make(this);
            if (!_made.TryGetValue(serviceType, out object made))
                _made[serviceType] = made = maker.Make(this);
            return made;
        }
    }
}
