using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ITransformer), typeof(LambdaTransform), null, typeof(SignatureLoadModel), "",
    LambdaTransform.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Saves a custom mapping as its contract's name and assembly, and finds it again by them.</summary>
internal static class LambdaTransform
{
    internal const string LoaderSignature = "CustomTransformer";

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "CUSTOMXF",
        verWrittenCur: 0x00010002,
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010002,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: UpstreamAssemblies.Transforms);

    internal static void SaveCustomTransformer(ModelSaveContext ctx, string contractName, string contractAssembly)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // the contract's name and its assembly, as string ids
        ctx.SaveString(contractName);
        ctx.SaveString(contractAssembly);
    }

    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());
        string contractName = ctx.LoadString();
        env.ComponentCatalog.RegisterAssembly(Assembly.Load(ctx.LoadString()));
        object factory = env.ComponentCatalog.GetExtensionValue(env, typeof(CustomMappingFactoryAttributeAttribute), contractName);
        return factory is ICustomMappingFactory mappingFactory
            ? mappingFactory.CreateTransformer(env, contractName)
            : throw Contracts.Except($"The class with contract '{contractName}' must derive from " +
                $"'{typeof(CustomMappingFactory<,>).FullName}'.");
    }
}
