using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>Texts and lists of names that a block may leave out: a bool that says whether they are there, then themselves.</summary>
internal static class BlockText
{
    public static void Write(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    public static string? Read(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    /// <summary>Writes an int32 count before the names.</summary>
    public static void WriteNames(BinaryWriter writer, IReadOnlyList<string>? names)
    {
        writer.Write(names is not null);
        if (names is null)
            return;
        writer.Write(names.Count);
        foreach (string name in names)
            writer.Write(name);
    }

    /// <exception cref="FormatException">There cannot be as many names as the block claims.</exception>
    public static string[]? ReadNames(BinaryReader reader)
    {
        if (!reader.ReadBoolean())
            return null;
        int count = reader.ReadInt32();
        if (count < 0 || count > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new FormatException($"it claims {count} names");
        var names = new string[count];
        for (int i = 0; i < count; i++)
            names[i] = reader.ReadString();
        return names;
    }
}
