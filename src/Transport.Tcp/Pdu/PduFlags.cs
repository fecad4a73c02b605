namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>The FLAGS byte of the common header; which bits exist depends on the type.</summary>
[Flags]
internal enum PduFlags : byte
{
    None = 0,

    /// <summary>HDGSTF: a header digest follows the header.</summary>
    HeaderDigest = 1,

    /// <summary>DDGSTF: a data digest follows the data.</summary>
    DataDigest = 2,

    /// <summary>LAST_PDU: the last one of this transfer (H2CData, C2HData).</summary>
    Last = 4,

    /// <summary>SUCCESS: stands for a completion queue entry without error and result (C2HData).</summary>
    Success = 8,
}
