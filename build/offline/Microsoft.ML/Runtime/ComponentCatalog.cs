using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>The loaders and extensions of the assemblies registered with one environment.</summary>
public sealed class ComponentCatalog
{
    private readonly object _lock = new();
    private readonly ConcurrentDictionary<Assembly, bool> _assemblies = new();
    private readonly ConcurrentDictionary<(string LoadName, Type Signature), Loader> _loaders = new();
    private readonly ConcurrentDictionary<(Type Attribute, string Contract), Type> _extensions = new();

    internal ComponentCatalog() { }

    /// <summary>
    /// How an object is made: by a constructor or a static method, with or without the environment before the other arguments.
    /// </summary>
    private sealed record Loader(MethodBase Method, bool TakesEnvironment)
    {
        public object Make(object[] arguments) =>
            Method is ConstructorInfo ctor ? ctor.Invoke(arguments) : Method.Invoke(null, arguments);
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_assemblies.TryAdd(assembly is null ? throw new NullReferenceException() : assembly, true))
                return;
            foreach (var attribute in assembly.GetCustomAttributes<Attribute>().OfType<LoadableClassAttributeBase>())
                foreach (var signature in attribute.SigTypes)
                    AddLoader(attribute, signature, throwOnError);
            foreach (var type in assembly.GetTypes().Where(t => t.IsClass && !t.IsAbstract))
                foreach (var extension in type.GetCustomAttributes<ExtensionBaseAttribute>())
                    _extensions.TryAdd((extension.GetType(), extension.ContractName), type);
        }
    }

    private void AddLoader(LoadableClassAttributeBase attribute, Type signature, bool throwOnError)
    {
        var loader = Find(attribute, signature);
        if (loader == null)
        {
            if (throwOnError)
                throw Contracts.Except(
                    $"Can't instantiate loadable class '{attribute.InstanceType.Name}' with name '{attribute.LoadNames[0]}'");
            return;
        }
        foreach (string name in attribute.LoadNames)
            if (!_loaders.TryAdd((name.ToLowerInvariant(), signature), loader) && throwOnError)
                throw Contracts.Except($"Two loadable classes have the name '{name}' for {signature.Name}");
    }

    private static Loader Find(LoadableClassAttributeBase attribute, Type signature)
    {
        const BindingFlags any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var plain = signature.GetMethod("Invoke").GetParameters().Select(p => p.ParameterType).ToArray();
        Type[] withEnvironment = [typeof(IHostEnvironment), .. plain];
        Loader ctor = null, create = null;
        foreach (var types in new[] { plain, withEnvironment })
        {
            if (ctor == null && attribute.InstanceType.IsAssignableFrom(attribute.LoaderType) &&
                attribute.LoaderType.GetConstructor(any | BindingFlags.Instance, types) is { } constructor)
                ctor = new Loader(constructor, types.Length > plain.Length);
            if (create == null && attribute.LoaderType.GetMethod("Create", any | BindingFlags.Static, types) is { } method &&
                attribute.InstanceType.IsAssignableFrom(method.ReturnType))
                create = new Loader(method, types.Length > plain.Length);
        }
        if (ctor == null || create == null)
            return ctor ?? create;
        if (ctor.Method.IsPublic == create.Method.IsPublic)
            throw Contracts.Except(
                $"Can't load type '{attribute.InstanceType.Name}', because it has both a constructor and a Create method. " +
                "Either one or the other must be public, not both.");
        return ctor.Method.IsPublic ? ctor : create;
    }

    /// <summary>False when no class has that name; an exception when its constructor or method fails.</summary>
    internal static bool TryCreateInstance<TRes, TSig>(IHostEnvironment env, out TRes result, string name, string options,
        params object[] extra) where TRes : class
    {
        result = null;
        if (!env.ComponentCatalog._loaders.TryGetValue((name.ToLowerInvariant(), typeof(TSig)), out var loader))
            return false;
        try
        {
            result = loader.Make(loader.TakesEnvironment ? [env, .. extra] : extra) as TRes;
        }
        catch (TargetInvocationException e)
        {
            throw Contracts.Except(e, "Error during class instantiation");
        }
        return result != null;
    }

    internal object GetExtensionValue(IHostEnvironment env, Type attributeType, string contractName)
    {
        if (_extensions.TryGetValue((attributeType, contractName), out var type))
            return Activator.CreateInstance(type);
        throw Contracts.Except($"Unable to locate an extension for the contract '{contractName}'. Ensure you have called " +
            $"{nameof(ComponentCatalog)}.{nameof(RegisterAssembly)} with the Assembly that contains a class decorated with a " +
            $"'{attributeType.FullName}'.");
    }
}
