using System.Runtime.InteropServices;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Initialize Connection Request, 128 bytes: the first PDU of a connection, from the host.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ICReqPdu
{
    public const int Size = 128;

    public const int FormatVersionOffset = 8;
    public const int DataAlignmentOffset = 10;

    /// <summary>Largest HPDA and CPDA: 32 dwords.</summary>
    public const int MaxDataAlignment = 31;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    /// <summary>PFV: 0.</summary>
    [FieldOffset(FormatVersionOffset)]
    public ushort FormatVersion;

    /// <summary>HPDA: alignment of the data sent to the host, in dwords, 0's based.</summary>
    [FieldOffset(DataAlignmentOffset)]
    public byte HostDataAlignment;

    /// <summary>DGST: digests asked for.</summary>
    [FieldOffset(11)]
    public DigestFlags Digests;

    /// <summary>MAXR2T: number of R2Ts the host accepts at a time per command, 0's based.</summary>
    [FieldOffset(12)]
    public uint MaxOutstandingR2T;

    public static ICReqPdu Create(DigestFlags digests) => new()
    {
        Common = PduCommonHeader.Create(PduType.ICReq, PduFlags.None, Size, 0, Size),
        Digests = digests,
    };
}
