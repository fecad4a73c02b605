namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>FES of a termination request (NVMe/TCP, Fatal Error Status).</summary>
internal enum FatalErrorStatus : ushort
{
    None = 0,

    /// <summary>A header field is invalid; FEI is its offset.</summary>
    InvalidHeaderField = 1,

    /// <summary>A PDU that does not belong here, or out of order.</summary>
    SequenceError = 2,

    /// <summary>The header digest does not match; FEI is the digest received.</summary>
    HeaderDigestError = 3,

    /// <summary>Data outside of what was asked for.</summary>
    DataOutOfRange = 4,

    /// <summary>More data than MAXH2CDATA in one PDU.</summary>
    DataLimitExceeded = 5,

    /// <summary>A parameter of the handshake is not supported; FEI is its offset.</summary>
    UnsupportedParameter = 6,

    /// <summary>Not on the wire: close without a termination request, which must not answer a termination request.</summary>
    Disconnect = 0xFFFF,
}
