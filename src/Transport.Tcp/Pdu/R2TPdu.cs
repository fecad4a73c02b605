using System.Runtime.InteropServices;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Ready to Transfer, 24 bytes: the controller asks for data of a command.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct R2TPdu
{
    public const int Size = 24;

    public const int CommandIdOffset = 8;
    public const int LengthOffset = 16;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    /// <summary>CCCID: the command.</summary>
    [FieldOffset(CommandIdOffset)]
    public ushort CommandId;

    /// <summary>TTAG: comes back in every H2CData PDU.</summary>
    [FieldOffset(10)]
    public ushort TransferTag;

    /// <summary>R2TO: offset within the command's data, in bytes.</summary>
    [FieldOffset(12)]
    public uint Offset;

    /// <summary>R2TL: bytes asked for.</summary>
    [FieldOffset(LengthOffset)]
    public uint Length;
}
