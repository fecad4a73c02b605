using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>Received bytes, the handshake, and the way of each PDU to its handler.</content>
internal sealed partial class TcpQueuePair
{
    private TcpQueuePairCommand? _inbound;
    private uint _inboundLength;

    int IOwnedMemoryConnectionHandler.OnReceived(ReadOnlySpan<byte> bytes)
    {
        _references.BeginBatch();
        return _receiver.Receive(bytes);
    }

    void IOwnedMemoryConnectionHandler.OnReceivedInto(BufferLease destination)
    {
        _references.BeginBatch();
        _receiver.ReceivedInto();
    }

    void IOwnedMemoryConnectionHandler.OnBatchEnd() => _references.EndBatch();

    PduFault IPduSink.Check(in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength) => common.Type switch
    {
        PduType.H2CTermReq => PduFault.None,
        PduType.ICReq => _phase == Phase.AwaitingICReq ? PduHeaderValidator.Validate(MemoryMarshal.AsRef<ICReqPdu>(header)) : PduFault.Sequence,
        _ when _phase == Phase.AwaitingICReq => PduFault.Sequence,
        PduType.CapsuleCmd => HasRoomForCommand() ? PduFault.None : PduFault.Sequence,
        _ => CheckHostData(MemoryMarshal.AsRef<H2CDataPdu>(header), dataLength),
    };

    PduDataAction IPduSink.Accept(
        in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength, ReadOnlySpan<byte> data, out BufferLease destination)
    {
        destination = default;
        switch (common.Type)
        {
            case PduType.CapsuleCmd:
                return AcceptCommand(header, dataLength, data, out destination);
            case PduType.H2CData:
                destination = AcceptHostData(MemoryMarshal.AsRef<H2CDataPdu>(header));
                return PduDataAction.Store;
            case PduType.ICReq:
                AcceptHandshake(MemoryMarshal.AsRef<ICReqPdu>(header));
                return PduDataAction.Store;
            default:
                OnTermReq(TermReqPdu.Read(header));
                return PduDataAction.Skip;
        }
    }

    void IPduSink.OnData(bool digestMatches)
    {
        TcpQueuePairCommand command = _inbound!;
        _inbound = null;
        if (command.State == CommandState.Receiving)
        {
            command.CapsuleReceived(digestMatches);
            _handler!.OnCommand(command);
        }
        else
        {
            OnHostData(command, digestMatches);
        }
    }

    private void AcceptHandshake(in ICReqPdu request)
    {
        DigestFlags digests = request.Digests & _settings.AllowedDigests;
        bool header = (digests & DigestFlags.Header) != 0, data = (digests & DigestFlags.Data) != 0;

        ICRespPdu response = ICRespPdu.Create(digests, _settings.MaxHostToControllerData);
        MemoryMarshal.Write(AppendHeader(ICRespPdu.Size), in response);

        // CPDA is 0 always: Linux takes nothing else.
        _receiver.Framing = new PduFraming(header, data, Alignment: 4);
        _sendFraming = new PduFraming(header, data, Alignment: (request.HostDataAlignment + 1) * 4);
        _phase = Phase.AwaitingConnect;
        _deadline.Restart(_settings.ConnectTimeout, "The host sent no acceptable Connect command in time.");
        Log.Handshake(_logger, Id, digests, request.HostDataAlignment, request.MaxOutstandingR2T);
        if (!Lifecycle.TryGoLive() && Lifecycle.State != QueuePairState.Live)
        {
            _receiver.Stop();
        }
    }
}
