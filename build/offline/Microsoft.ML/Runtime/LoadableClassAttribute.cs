using System;

namespace Microsoft.ML;

/// <summary>The loader of a saved transformer: a constructor or a static Create with these arguments, after the environment.</summary>
internal delegate void SignatureLoadModel(ModelLoadContext ctx);

/// <summary>Tells a model file's loader signature (a load name) to a class. One for each name on the assembly.</summary>
internal abstract class LoadableClassAttributeBase : Attribute
{
    protected LoadableClassAttributeBase(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName,
        params string[] loadNames)
    {
        ArgumentNullException.ThrowIfNull(instType);
        ArgumentNullException.ThrowIfNull(loaderType);
        ArgumentNullException.ThrowIfNull(sigTypes);
        (Summary, InstanceType, LoaderType, ArgType, SigTypes, UserName) = (summary, instType, loaderType, argType, sigTypes, userName);
        LoadNames = loadNames is { Length: > 0 } ? loadNames : [userName];
    }

    public string Summary { get; }

    public Type InstanceType { get; }

    public Type LoaderType { get; }

    public Type ArgType { get; }

    public Type[] SigTypes { get; }

    public string UserName { get; }

    public string[] LoadNames { get; }

    public string DocName { get; set; }
}

[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class LoadableClassAttribute : LoadableClassAttributeBase
{
    public LoadableClassAttribute(Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, sigTypes, userName, loadNames) { }

    public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, sigTypes, userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, sigTypes, userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type loaderType, Type argType, Type sigType, string userName,
        params string[] loadNames) : base(summary, instType, loaderType, argType, [sigType], userName, loadNames) { }

    public LoadableClassAttribute(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName,
        params string[] loadNames) : base(summary, instType, loaderType, argType, sigTypes, userName, loadNames) { }
}

/// <summary>Marks a class that is found by a contract name in registered assemblies.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class ExtensionBaseAttribute : Attribute
{
    private protected ExtensionBaseAttribute(string contractName)
    {
        if (string.IsNullOrWhiteSpace(contractName))
            throw new ArgumentException("The contract name must not be empty.", nameof(contractName));
        ContractName = contractName;
    }

    public string ContractName { get; }
}
