using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>What the controller sends, and how far it is to be believed.</content>
internal sealed partial class TcpHostQueuePair
{
    // CID within a response capsule.
    private const int ResponseCommandIdOffset = CapsuleRespPdu.EntryOffset + 12;

    private TcpHostSubmission? _inbound;
    private uint _inboundLength;
    private bool _inboundSuccess;

    int IOwnedMemoryConnectionHandler.OnReceived(ReadOnlySpan<byte> bytes)
    {
        _references.BeginBatch();
        return _receiver.Receive(bytes);
    }

    void IOwnedMemoryConnectionHandler.OnReceivedInto(BufferLease destination)
    {
        _references.BeginBatch();
        if (_phase == Phase.Ended)
        {
            EndInbound();
        }
        else
        {
            _receiver.ReceivedInto();
        }
    }

    void IOwnedMemoryConnectionHandler.OnBatchEnd() => _references.EndBatch();

    PduFault IPduSink.Check(in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength) => common.Type switch
    {
        PduType.C2HTermReq => PduFault.None,
        PduType.ICResp => _phase == Phase.AwaitingICResp
            ? PduHeaderValidator.Validate(MemoryMarshal.AsRef<ICRespPdu>(header), _requestedDigests)
            : PduFault.Sequence,
        _ when _phase == Phase.AwaitingICResp => PduFault.Sequence,
        PduType.CapsuleResp => CheckResponse(MemoryMarshal.AsRef<CapsuleRespPdu>(header).Entry),
        PduType.C2HData => CheckData(MemoryMarshal.AsRef<C2HDataPdu>(header), dataLength),
        _ => CheckRequest(MemoryMarshal.AsRef<R2TPdu>(header)),
    };

    PduDataAction IPduSink.Accept(
        in PduCommonHeader common, ReadOnlySpan<byte> header, uint dataLength, ReadOnlySpan<byte> data, out BufferLease destination)
    {
        destination = default;
        switch (common.Type)
        {
            case PduType.C2HData:
                ref readonly C2HDataPdu pdu = ref MemoryMarshal.AsRef<C2HDataPdu>(header);
                _inbound = _submissions.Find(pdu.CommandId)!;
                _inboundLength = pdu.DataLength;
                _inboundSuccess = (common.Flags & PduFlags.Success) != 0;
                destination = _inbound.BeginReceiving(pdu.DataOffset, pdu.DataLength);
                return PduDataAction.Store;
            case PduType.CapsuleResp:
                CompletionQueueEntry entry = MemoryMarshal.AsRef<CapsuleRespPdu>(header).Entry;
                Complete(_submissions.Find(entry.CommandId)!, entry);
                return PduDataAction.Store;
            case PduType.R2T:
                ref readonly R2TPdu request = ref MemoryMarshal.AsRef<R2TPdu>(header);
                AppendRequestedData(_submissions.Find(request.CommandId)!, request);
                return PduDataAction.Store;
            case PduType.ICResp:
                AcceptHandshake(MemoryMarshal.AsRef<ICRespPdu>(header));
                return PduDataAction.Store;
            default:
                OnTermReq(TermReqPdu.Read(header));
                return PduDataAction.Skip;
        }
    }

    void IPduSink.OnData(bool digestMatches)
    {
        TcpHostSubmission submission = _inbound!;
        _inbound = null;
        submission.Moved += _inboundLength;
        submission.DigestFailed |= !digestMatches;
        submission.EndReceiving();
        if (_inboundSuccess)
        {
            Complete(submission, new CompletionQueueEntry { CommandId = submission.CommandId });
        }
    }

    private void AcceptHandshake(in ICRespPdu response)
    {
        bool header = (response.Digests & DigestFlags.Header) != 0, data = (response.Digests & DigestFlags.Data) != 0;

        // HPDA of our ICReq is 0.
        _receiver.Framing = new PduFraming(header, data, Alignment: 4);
        _sendFraming = new PduFraming(header, data, Alignment: (response.ControllerDataAlignment + 1) * 4);
        _maxHostToControllerData = response.MaxHostToControllerData;
        if (Lifecycle.TryGoLive() || Lifecycle.State == QueuePairState.Live)
        {
            _phase = Phase.Live;
            Log.Handshake(_logger, Id, response.Digests, response.ControllerDataAlignment, response.MaxHostToControllerData);
            _handshake.TrySetResult();
        }
    }

    private PduFault CheckResponse(in CompletionQueueEntry entry)
    {
        if (_submissions.Find(entry.CommandId) is not { } submission)
        {
            return PduFault.Field(ResponseCommandIdOffset);
        }

        return entry.Status.IsSuccess && IsShort(submission, submission.Moved) ? PduFault.Sequence : PduFault.None;
    }

    private PduFault CheckData(in C2HDataPdu pdu, uint dataLength)
    {
        if (_submissions.Find(pdu.CommandId) is not { } submission)
        {
            return PduFault.Field(C2HDataPdu.CommandIdOffset);
        }

        if (submission.Direction != DataDirection.ControllerToHost)
        {
            return PduFault.Sequence;
        }

        if (pdu.DataLength != dataLength || dataLength == 0)
        {
            return PduFault.Field(C2HDataPdu.DataLengthOffset);
        }

        // 64 bits: offset and length are the controller's.
        ulong end = (ulong)pdu.DataOffset + pdu.DataLength;
        if (end > submission.Length)
        {
            return PduFault.OutOfRange;
        }

        bool last = (pdu.Common.Flags & PduFlags.Last) != 0;
        bool success = (pdu.Common.Flags & PduFlags.Success) != 0;
        return pdu.DataOffset != submission.Moved
            || (end == submission.Length && !last)
            || (success && IsShort(submission, (uint)end))
                ? PduFault.Sequence
                : PduFault.None;
    }

    private PduFault CheckRequest(in R2TPdu pdu)
    {
        if (_submissions.Find(pdu.CommandId) is not { } submission)
        {
            return PduFault.Field(R2TPdu.CommandIdOffset);
        }

        if (submission.Direction != DataDirection.HostToController || submission.InCapsule)
        {
            return PduFault.Sequence;
        }

        if (pdu.Length == 0)
        {
            return PduFault.Field(R2TPdu.LengthOffset);
        }

        if ((ulong)pdu.Offset + pdu.Length > submission.Length)
        {
            return PduFault.OutOfRange;
        }

        if (pdu.Offset != submission.Moved)
        {
            return PduFault.Sequence;
        }

        // MAXR2T 0: one at a time, and it is outstanding for as long as the controller cannot have all that it asked for. Otherwise an R2T for each byte would
        // have us queue a PDU for each byte.
        return submission.IsTransmitting && submission.AnswerEnd > _appended - _connection.UnsentBytes ? PduFault.LimitExceeded : PduFault.None;
    }

    // A command that succeeded has moved all of its data. The one exception are admin commands that had room for data and got none (Get Features).
    private bool IsShort(TcpHostSubmission submission, uint moved) =>
        submission.Direction != DataDirection.None
        && !submission.InCapsule
        && moved < submission.Length
        && !(_isAdmin && moved == 0 && submission.Direction == DataDirection.ControllerToHost);

    private void Complete(TcpHostSubmission submission, CompletionQueueEntry entry)
    {
        if (submission.DigestFailed && entry.Status.IsSuccess)
        {
            entry.Status = NvmeStatus.TransientTransportError;
        }

        End(submission, entry, null);
    }
}
