namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>What the handshake fixed for one direction of a connection.</summary>
/// <param name="HeaderDigest">PDUs carry header digests.</param>
/// <param name="DataDigest">PDUs with data carry data digests.</param>
/// <param name="Alignment">Data starts at a multiple of this many bytes: (HPDA or CPDA + 1) × 4.</param>
internal readonly record struct PduFraming(bool HeaderDigest, bool DataDigest, int Alignment)
{
    public const int DigestSize = 4;

    /// <summary>Before and during the handshake.</summary>
    public static PduFraming Handshake => new(false, false, 4);

    public int HeaderDigestSize => HeaderDigest ? DigestSize : 0;

    public int DataDigestSize => DataDigest ? DigestSize : 0;

    /// <summary>PDO for a header of <paramref name="headerLength"/> bytes. At most 128: all headers and alignments end there.</summary>
    public int DataOffset(int headerLength)
    {
        int end = headerLength + HeaderDigestSize;
        return (end + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>HDGSTF and DDGSTF of a PDU with data.</summary>
    public PduFlags DataFlags => HeaderFlags | (DataDigest ? PduFlags.DataDigest : PduFlags.None);

    /// <summary>HDGSTF of a PDU without data.</summary>
    public PduFlags HeaderFlags => HeaderDigest ? PduFlags.HeaderDigest : PduFlags.None;
}
