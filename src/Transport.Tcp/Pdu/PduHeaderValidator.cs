namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>
/// The rules of a PDU header that do not depend on commands: pure functions from header to fault. Fields are looked at in the order of
/// their offsets, because the lowest one in error is the one to report.
/// </summary>
internal static class PduHeaderValidator
{
    // By type; 0: there is no such type.
    private static ReadOnlySpan<byte> HeaderLengths => [128, 128, 24, 24, 72, 24, 24, 24, 0, 24];

    private static ReadOnlySpan<byte> DefinedFlags => [0, 0, 0, 0, 3, 1, 7, 15, 0, 1];

    /// <summary>Checks a common header.</summary>
    /// <param name="header">The eight bytes.</param>
    /// <param name="toController">This end is the controller.</param>
    /// <param name="framing">What the handshake fixed for received PDUs.</param>
    /// <param name="maxCapsuleData">Bytes of data after a command capsule that are still worth skipping to answer the command with a status.</param>
    public static PduFault Validate(in PduCommonHeader header, bool toController, in PduFraming framing, uint maxCapsuleData)
    {
        int type = (int)header.Type;
        if (type >= HeaderLengths.Length || HeaderLengths[type] == 0 || (type & 1) == 0 != toController)
        {
            return PduFault.Field(PduCommonHeader.Offsets.Type);
        }

        if (header.Type is PduType.H2CTermReq or PduType.C2HTermReq)
        {
            return ValidateTermReq(header);
        }

        int headerLength = HeaderLengths[type];
        bool handshake = header.Type is PduType.ICReq or PduType.ICResp;
        int fullHeader = headerLength + (handshake ? 0 : framing.HeaderDigestSize);
        bool mayCarryData = header.Type is PduType.CapsuleCmd or PduType.H2CData or PduType.C2HData;
        bool hasData = mayCarryData && header.Length > fullHeader;

        PduFlags digests = handshake ? PduFlags.None : hasData ? framing.DataFlags : framing.HeaderFlags;
        if (((int)header.Flags & ~DefinedFlags[type]) != 0
            || (header.Flags & (PduFlags.HeaderDigest | PduFlags.DataDigest)) != digests
            || (header.Flags & (PduFlags.Last | PduFlags.Success)) == PduFlags.Success)
        {
            return PduFault.Field(PduCommonHeader.Offsets.Flags);
        }

        if (header.HeaderLength != headerLength)
        {
            return PduFault.Field(PduCommonHeader.Offsets.HeaderLength);
        }

        return hasData
            ? ValidateData(header, fullHeader, framing, maxCapsuleData)
            : ValidateNoData(header, fullHeader, mayCarryData);
    }

    /// <summary>The rest of an ICReq.</summary>
    public static PduFault Validate(in ICReqPdu pdu)
    {
        if (pdu.FormatVersion != 0)
        {
            return PduFault.Unsupported(ICReqPdu.FormatVersionOffset);
        }

        return pdu.HostDataAlignment > ICReqPdu.MaxDataAlignment ? PduFault.Field(ICReqPdu.DataAlignmentOffset) : PduFault.None;
    }

    /// <summary>The rest of an ICResp: the host's end of the bargain.</summary>
    public static PduFault Validate(in ICRespPdu pdu, DigestFlags requested)
    {
        if (pdu.FormatVersion != 0)
        {
            return PduFault.Unsupported(ICRespPdu.FormatVersionOffset);
        }

        if (pdu.ControllerDataAlignment > ICReqPdu.MaxDataAlignment)
        {
            return PduFault.Field(ICRespPdu.DataAlignmentOffset);
        }

        if (pdu.Digests != requested)
        {
            return PduFault.Unsupported(ICRespPdu.DigestsOffset);
        }

        return pdu.MaxHostToControllerData < ICRespPdu.MinMaxHostToControllerData || pdu.MaxHostToControllerData % 4 != 0
            ? PduFault.Field(ICRespPdu.MaxHostToControllerDataOffset)
            : PduFault.None;
    }

    // A termination request is never answered with one, so a broken one just ends the connection.
    private static PduFault ValidateTermReq(in PduCommonHeader header) =>
        header.HeaderLength == TermReqPdu.Size && header.Length is >= TermReqPdu.Size and <= TermReqPdu.MaxLength
            ? PduFault.None
            : PduFault.Disconnect;

    private static PduFault ValidateData(in PduCommonHeader header, int fullHeader, in PduFraming framing, uint maxCapsuleData)
    {
        int dataOffset = header.DataOffset;
        if (dataOffset < fullHeader || dataOffset > header.Length || dataOffset % framing.Alignment != 0)
        {
            return PduFault.Field(PduCommonHeader.Offsets.DataOffset);
        }

        long data = (long)header.Length - dataOffset - framing.DataDigestSize;
        return data <= 0 || (header.Type == PduType.CapsuleCmd && data > maxCapsuleData)
            ? PduFault.Field(PduCommonHeader.Offsets.Length)
            : PduFault.None;
    }

    private static PduFault ValidateNoData(in PduCommonHeader header, int fullHeader, bool mayCarryData)
    {
        // Without data the offset has nothing to point at: 0, or, from hosts that always fill it in, the end of the header.
        if (header.DataOffset != 0 && !(mayCarryData && header.DataOffset == fullHeader))
        {
            return PduFault.Field(PduCommonHeader.Offsets.DataOffset);
        }

        return header.Length != fullHeader ? PduFault.Field(PduCommonHeader.Offsets.Length) : PduFault.None;
    }
}
