using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(PolyhedralParameterizationTransformer),
    typeof(PolyhedralParameterizationLoader),
    null,
    typeof(SignatureLoadModel),
    "Polyhedral parameterization",
    PolyhedralParameterizationTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class PolyhedralParameterizationLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static PolyhedralParameterizationTransformer Create(IHostEnvironment environment, ModelLoadContext context) => ModelBlock.Load(
        context, PolyhedralParameterizationTransformer.Format, reader => PolyhedralParameterizationTransformer.Read(environment, reader));
}
