using System.Runtime.InteropServices;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>PDU common header (CH), 8 bytes: the beginning of every PDU.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct PduCommonHeader
{
    public const int Size = 8;

    [FieldOffset(0)]
    public PduType Type;

    [FieldOffset(1)]
    public PduFlags Flags;

    /// <summary>HLEN: length of the header without its digest.</summary>
    [FieldOffset(2)]
    public byte HeaderLength;

    /// <summary>PDO: offset of the data from the beginning of the PDU.</summary>
    [FieldOffset(3)]
    public byte DataOffset;

    /// <summary>PLEN: length of the whole PDU, digests and padding included.</summary>
    [FieldOffset(4)]
    public uint Length;

    public static PduCommonHeader Create(PduType type, PduFlags flags, int headerLength, int dataOffset, uint length) => new()
    {
        Type = type,
        Flags = flags,
        HeaderLength = (byte)headerLength,
        DataOffset = (byte)dataOffset,
        Length = length,
    };

    /// <summary>Offsets of the fields, as error reports name them (FEI).</summary>
    public static class Offsets
    {
        public const int Type = 0;
        public const int Flags = 1;
        public const int HeaderLength = 2;
        public const int DataOffset = 3;
        public const int Length = 4;
    }
}
