using System;
using System.IO;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Arrays of numbers in a saved parameterisation or network; what a file claims is checked before room is made for it.</summary>
internal static class ParameterFile
{
    public static void WriteDoubles(BinaryWriter writer, double[] values)
    {
        foreach (double value in values)
            writer.Write(value);
    }

    public static double[] ReadDoubles(BinaryReader reader, long count)
    {
        CheckRemaining(reader, count, sizeof(double));
        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = reader.ReadDouble();
            if (!double.IsFinite(values[i]))
                throw new FormatException($"a number is {values[i]}");
        }

        return values;
    }

    public static void WriteSingles(BinaryWriter writer, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            writer.Write(value);
    }

    public static float[] ReadSingles(BinaryReader reader, long count)
    {
        CheckRemaining(reader, count, sizeof(float));
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = reader.ReadSingle();
            if (!float.IsFinite(values[i]))
                throw new FormatException($"a number is {values[i]}");
        }

        return values;
    }

    /// <exception cref="FormatException">The stream cannot hold that many items.</exception>
    public static void CheckRemaining(BinaryReader reader, long count, int itemSize)
    {
        if (count < 0 || count > int.MaxValue || count > (reader.BaseStream.Length - reader.BaseStream.Position) / itemSize)
            throw new FormatException($"it claims {count} items of {itemSize} bytes, more than are left of it");
    }
}
