using System.Runtime.CompilerServices;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>The environment that a catalog belongs to.</summary>
internal static class CatalogEnvironment
{
    public static IHostEnvironment Of(TransformsCatalog catalog)
    {
        Check.NotNull(catalog, nameof(catalog));
        UpstreamProbe.Verify();
        return Get(catalog);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static IHostEnvironment Get(TransformsCatalog catalog) => CatalogUtils.GetEnvironment(catalog);
    }

    public static IHostEnvironment Of(TrainCatalogBase.CatalogInstantiatorBase trainers)
    {
        Check.NotNull(trainers, nameof(trainers));
        UpstreamProbe.Verify();
        return Get(trainers);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static IHostEnvironment Get(TrainCatalogBase.CatalogInstantiatorBase trainers) => CatalogUtils.GetEnvironment(trainers);
    }
}
