using System;
using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>Checks of what a caller hands in.</summary>
internal static class Check
{
    public static T NotNull<T>([NotNull] T? value, string name)
        where T : class =>
        value ?? throw new ArgumentNullException(name);

    public static string NotEmpty([NotNull] string? value, string name) =>
        !string.IsNullOrWhiteSpace(value) ? value : throw new ArgumentException($"'{name}' must be a non-empty name.", name);
}
