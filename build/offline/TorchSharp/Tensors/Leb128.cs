using System.IO;

namespace TorchSharp.Utils;

/// <summary>Unsigned numbers of seven bits a byte, the lowest first.</summary>
internal static class Leb128
{
    internal static void Encode(this BinaryWriter writer, long value)
    {
        ulong rest = (ulong)value;
        while (rest > 127)
        {
            writer.Write((byte)(rest | 128));
            rest >>= 7;
        }
        writer.Write((byte)rest);
    }

    internal static long Decode(this BinaryReader reader)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = reader.ReadByte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return (long)value;
        }
        throw new InvalidDataException("A stored number has more than 64 bits.");
    }
}
