namespace Microsoft.ML;

/// <summary>The assemblies that upstream's loaders are in, as model files name them: so files saved here can be loaded there.</summary>
internal static class UpstreamAssemblies
{
    public const string Data = "Microsoft.ML.Data";
    public const string Transforms = "Microsoft.ML.Transforms";
}
