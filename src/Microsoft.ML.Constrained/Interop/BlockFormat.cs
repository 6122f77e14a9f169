namespace Microsoft.ML.Constrained.Interop;

/// <summary>Identity and versions of one stage's block in a saved model.</summary>
/// <param name="Name">What messages call the block.</param>
/// <param name="ModelSignature">Eight ASCII characters at the head of the block.</param>
/// <param name="LoaderSignature">The name that ML.NET finds the loader by, at most 24 ASCII characters.</param>
/// <param name="Written">Version that is written, 0xMMMMmmmm.</param>
/// <param name="Readable">Oldest version of a reader that can read what is written.</param>
/// <param name="Oldest">Oldest version that this code reads.</param>
internal sealed record BlockFormat(string Name, string ModelSignature, string LoaderSignature, uint Written, uint Readable, uint Oldest);
