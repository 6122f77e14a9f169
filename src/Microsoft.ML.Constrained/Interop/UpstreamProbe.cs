using System;
using System.Linq;
using System.Reflection;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>
/// Checks once that ML.NET has the internal members that saving, loading and schema promises need, so that a version
/// without one of them is reported by name instead of failing somewhere deep inside.
/// </summary>
internal static class UpstreamProbe
{
    /// <summary>The versions of Microsoft.ML that this library is tested with.</summary>
    public const string TestedVersions = "5.0.0";

    private const string Core = "Microsoft.ML.Core", Data = "Microsoft.ML.Data";

    /// <summary>Everything internal that this library calls. Only types of this folder and of Registration name them.</summary>
    public static readonly InternalMember[] Members =
    [
        new(Core, "Microsoft.ML.ModelSaveContext", "CheckAtModel", []),
        new(Core, "Microsoft.ML.ModelSaveContext", "SetVersionInfo", ["VersionInfo"]),
        new(Core, "Microsoft.ML.ModelSaveContext", "SaveBinaryStream", ["String", "Action`1"]),
        new(Core, "Microsoft.ML.ModelLoadContext", "CheckAtModel", ["VersionInfo"]),
        new(Core, "Microsoft.ML.ModelLoadContext", "TryLoadBinaryStream", ["String", "Action`1"]),
        new(Core, "Microsoft.ML.VersionInfo", ".ctor", ["String", "UInt32", "UInt32", "UInt32", "String", "String", "String"]),
        new(Core, "Microsoft.ML.LoadableClassAttribute", ".ctor", ["Type", "Type", "Type", "Type", "String", "String[]"]),
        new(Core, "Microsoft.ML.SignatureLoadModel", "", null),
        new(Core, "Microsoft.ML.SchemaShape+Column", ".ctor", ["String", "VectorKind", "DataViewType", "Boolean", "SchemaShape"]),
        new(Core, "Microsoft.ML.Runtime.IHostEnvironmentInternal", "GpuDeviceId", null),
        new(Core, "Microsoft.ML.Runtime.IHostEnvironmentInternal", "FallbackToCpu", null),
        new(Data, "Microsoft.ML.Data.CatalogUtils", "GetEnvironment", ["IInternalCatalog"]),
    ];

    private static readonly Lazy<string?> s_problem = new(() => Check(Find));

    /// <exception cref="NotSupportedException">A member is missing; the message names it, what was loaded and the tested versions.</exception>
    public static void Verify()
    {
        if (s_problem.Value is { } problem)
            throw new NotSupportedException(problem);
    }

    /// <summary>The message about the members that <paramref name="find"/> does not lead to, or null.</summary>
    public static string? Check(Func<string, string, Type?> find)
    {
        InternalMember[] missing = [.. Members.Where(m => !m.IsPresent(find))];
        if (missing.Length == 0)
            return null;
        Version? loaded = typeof(MLContext).Assembly.GetName().Version;
        string? informational = typeof(MLContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return $"Microsoft.ML {informational ?? loaded?.ToString()} lacks {string.Join("; ", missing.Select(m => $"'{m}'"))}, which " +
            $"Microsoft.ML.Constrained needs to save, load and describe its stages. Tested with Microsoft.ML {TestedVersions}: " +
            "reference that version, or a newer Microsoft.ML.Constrained.";
    }

    /// <summary>The type, in its own assembly or in the one that holds <see cref="MLContext"/>.</summary>
    internal static Type? Find(string assembly, string type)
    {
        try
        {
            if (System.Reflection.Assembly.Load(assembly).GetType(type) is { } found)
                return found;
        }
        catch (System.IO.FileNotFoundException)
        {
            // All of ML.NET in one assembly.
        }

        return typeof(MLContext).Assembly.GetType(type);
    }
}
