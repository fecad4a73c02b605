using System.Runtime.InteropServices;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>Initialize Connection Response, 128 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ICRespPdu
{
    public const int Size = 128;

    public const int FormatVersionOffset = 8;
    public const int DataAlignmentOffset = 10;
    public const int DigestsOffset = 11;
    public const int MaxHostToControllerDataOffset = 12;

    /// <summary>Smallest MAXH2CDATA.</summary>
    public const uint MinMaxHostToControllerData = 4096;

    [FieldOffset(0)]
    public PduCommonHeader Common;

    /// <summary>PFV: 0.</summary>
    [FieldOffset(FormatVersionOffset)]
    public ushort FormatVersion;

    /// <summary>CPDA: alignment of the data sent to the controller, in dwords, 0's based.</summary>
    [FieldOffset(DataAlignmentOffset)]
    public byte ControllerDataAlignment;

    /// <summary>DGST: digests granted.</summary>
    [FieldOffset(DigestsOffset)]
    public DigestFlags Digests;

    /// <summary>MAXH2CDATA: largest data of one H2CData PDU in bytes; at least 4096 and a multiple of 4.</summary>
    [FieldOffset(MaxHostToControllerDataOffset)]
    public uint MaxHostToControllerData;

    public static ICRespPdu Create(DigestFlags digests, uint maxHostToControllerData) => new()
    {
        Common = PduCommonHeader.Create(PduType.ICResp, PduFlags.None, Size, 0, Size),
        Digests = digests,
        MaxHostToControllerData = maxHostToControllerData,
    };
}
