using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Bench.Floor;

/// <summary>As much of NVMe/TCP's PDUs as both ends of the floor need (NVMe/TCP Transport, PDU Definitions). No digests, no padding.</summary>
internal static class Wire
{
    public const int CommonHeaderSize = 8;
    public const int ICReqSize = 128;
    public const int CommandHeaderSize = 72;
    public const int ShortHeaderSize = 24;
    public const int MaxHostData = 128 << 10;

    public const byte ICReq = 0;
    public const byte ICResp = 1;
    public const byte CapsuleCommand = 4;
    public const byte CapsuleResponse = 5;
    public const byte H2CData = 6;
    public const byte C2HData = 7;
    public const byte R2T = 9;

    public const byte Last = 1 << 2;
    public const byte Success = 1 << 3;

    public static byte TypeOf(ReadOnlySpan<byte> header) => header[0];

    public static byte FlagsOf(ReadOnlySpan<byte> header) => header[1];

    public static int LengthOf(ReadOnlySpan<byte> header) => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));

    /// <summary>CCCID of data PDUs and R2T.</summary>
    public static ushort CommandIdOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);

    public static ushort TransferTagOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);

    /// <summary>DATAO or R2TO.</summary>
    public static int OffsetOf(ReadOnlySpan<byte> header) => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(header[12..]));

    /// <summary>DATAL or R2TL.</summary>
    public static int DataLengthOf(ReadOnlySpan<byte> header) => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(header[16..]));

    public static CompletionQueueEntry CompletionOf(ReadOnlySpan<byte> header) => WireStructure.Read<CompletionQueueEntry>(header[8..]);

    public static void WriteCommonHeader(Span<byte> header, byte type, byte flags, int headerLength, int dataLength)
    {
        header[0] = type;
        header[1] = flags;
        header[2] = (byte)headerLength;
        header[3] = dataLength == 0 ? (byte)0 : (byte)headerLength;
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(headerLength + dataLength));
    }

    /// <summary>ICReq: everything zero means version 0, no digests, no padding, one R2T.</summary>
    public static void WriteICReq(Span<byte> pdu)
    {
        pdu.Clear();
        WriteCommonHeader(pdu, ICReq, 0, ICReqSize, 0);
    }

    public static void WriteICResp(Span<byte> pdu)
    {
        pdu.Clear();
        WriteCommonHeader(pdu, ICResp, 0, ICReqSize, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(pdu[12..], MaxHostData);
    }

    public static int MaxHostDataOf(ReadOnlySpan<byte> icResp) => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(icResp[12..]));

    /// <summary>H2CData, C2HData and R2T.</summary>
    public static void WriteDataHeader(Span<byte> header, byte type, byte flags, ushort commandId, ushort tag, int offset, int length)
    {
        WriteCommonHeader(header, type, flags, ShortHeaderSize, type == R2T ? 0 : length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], commandId);
        BinaryPrimitives.WriteUInt16LittleEndian(header[10..], tag);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], (uint)offset);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 0);
    }

    public static void WriteResponse(Span<byte> header, ushort commandId)
    {
        WriteCommonHeader(header, CapsuleResponse, 0, ShortHeaderSize, 0);
        WireStructure.Write(header[8..], new CompletionQueueEntry { CommandId = commandId });
    }
}
