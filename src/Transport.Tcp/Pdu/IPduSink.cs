using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>The end of a <see cref="PduReceiver"/> that knows what PDUs mean. All calls come on the connection's loop.</summary>
internal interface IPduSink
{
    /// <summary>
    /// A header arrived and obeys the general rules: what is wrong with it here and now? Without effect: it is asked again when the PDU has to wait for
    /// its data or for a buffer.
    /// </summary>
    PduFault Check(in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength);

    /// <summary>Takes the PDU. Its effect happens here when it has no data, otherwise in <see cref="OnData"/>.</summary>
    /// <param name="common">The common header.</param>
    /// <param name="header">All of the header, HLEN bytes.</param>
    /// <param name="dataLength">Bytes of data that follow; 0 for none.</param>
    /// <param name="data">The data, when all of it is here already.</param>
    /// <param name="destination">Where the data goes, exactly as long; for <see cref="PduDataAction.Store"/>. The sink keeps the reference.</param>
    PduDataAction Accept(in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength, ReadOnlySpan<byte> data, out BufferLease destination);

    /// <summary>The data of the PDU last accepted is in its destination.</summary>
    /// <param name="digestMatches">False: the data digest does not match.</param>
    void OnData(bool digestMatches);

    /// <summary>The connection cannot go on. Everything received from now on is swallowed.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="header">The header in error, as far as it could be trusted.</param>
    void OnFault(PduFault fault, ReadOnlySpan<byte> header);

    /// <summary>Another call threw: the user of this queue pair is broken, which must not end the loop with all of the others.</summary>
    void OnFailed(Exception exception);
}
