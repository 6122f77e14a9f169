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

    public static IHostEnvironment Of(TrainCatalogBase.CatalogInstantiatorBase catalog)
    {
        Check.NotNull(catalog, nameof(catalog));
        UpstreamProbe.Verify();
        return Get(catalog);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static IHostEnvironment Get(TrainCatalogBase.CatalogInstantiatorBase catalog) => CatalogUtils.GetEnvironment(catalog);
    }
}
