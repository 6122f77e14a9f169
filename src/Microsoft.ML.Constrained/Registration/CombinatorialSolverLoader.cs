using Microsoft.ML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Registration;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(CombinatorialSolverTransformer),
    typeof(CombinatorialSolverLoader),
    null,
    typeof(SignatureLoadModel),
    "Combinatorial solver",
    CombinatorialSolverTransformer.LoaderSignature)]

namespace Microsoft.ML.Constrained.Registration;

/// <summary>What <c>mlContext.Model.Load</c> finds by the block's loader signature.</summary>
internal static class CombinatorialSolverLoader
{
    /// <summary>ML.NET looks for this name and these parameters.</summary>
    public static CombinatorialSolverTransformer Create(IHostEnvironment environment, ModelLoadContext context) => ModelBlock.Load(
        context, CombinatorialSolverTransformer.Format, reader => CombinatorialSolverTransformer.Read(environment, reader));
}
