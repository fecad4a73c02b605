using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>H2CTermReq and C2HTermReq: 24 bytes, followed by the header of the PDU in error (up to 128 bytes). Never with digests.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct TermReqPdu
{
    public const int Size = 24;
    public const int MaxErrorData = 128;
    public const int MaxLength = Size + MaxErrorData;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    /// <summary>FES.</summary>
    [FieldOffset(8)]
    public FatalErrorStatus Status;

    // FEI is not aligned in the header: bytes 10 to 13.
    [FieldOffset(10)]
    private ushort _informationLow;

    [FieldOffset(12)]
    private ushort _informationHigh;

    /// <summary>FEI: offset of the field in error, or the digest received.</summary>
    public uint Information
    {
        readonly get => _informationLow | ((uint)_informationHigh << 16);
        set
        {
            _informationLow = (ushort)value;
            _informationHigh = (ushort)(value >> 16);
        }
    }

    /// <summary>Writes a termination request with the header it complains about; returns its length.</summary>
    public static int Write(Span<byte> destination, PduType type, PduFault fault, ReadOnlySpan<byte> header)
    {
        int errorData = Math.Min(header.Length, MaxErrorData);
        var pdu = new TermReqPdu
        {
            Common = PduCommonHeader.Create(type, PduFlags.None, Size, 0, (uint)(Size + errorData)),
            Status = fault.Status,
            Information = fault.Information,
        };
        MemoryMarshal.Write(destination, in pdu);
        header[..errorData].CopyTo(destination[Size..]);
        return Size + errorData;
    }

    /// <summary>FES and FEI of a received request.</summary>
    public static PduFault Read(ReadOnlySpan<byte> pdu) => new(
        (FatalErrorStatus)BinaryPrimitives.ReadUInt16LittleEndian(pdu[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(pdu[10..]));
}
