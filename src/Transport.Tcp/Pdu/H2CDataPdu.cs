using System.Runtime.InteropServices;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Data from the host in answer to an R2T: header of 24 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct H2CDataPdu
{
    public const int Size = 24;

    public const int CommandIdOffset = 8;
    public const int TransferTagOffset = 10;
    public const int DataLengthOffset = 16;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    /// <summary>CCCID: the command.</summary>
    [FieldOffset(CommandIdOffset)]
    public ushort CommandId;

    /// <summary>TTAG: copied from the R2T.</summary>
    [FieldOffset(TransferTagOffset)]
    public ushort TransferTag;

    /// <summary>DATAO: offset of the data within the command's data, in bytes.</summary>
    [FieldOffset(12)]
    public uint DataOffset;

    /// <summary>DATAL: bytes of data in this PDU.</summary>
    [FieldOffset(DataLengthOffset)]
    public uint DataLength;
}
