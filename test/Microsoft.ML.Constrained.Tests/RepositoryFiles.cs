using System;
using System.IO;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>Where the repository lies that these tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ConstrainedML.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No ConstrainedML.sln above {AppContext.BaseDirectory}; run the tests from a checkout.");
    }
}
