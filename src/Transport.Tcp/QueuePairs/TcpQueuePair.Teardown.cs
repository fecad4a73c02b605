using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>Faults and the end.</content>
internal sealed partial class TcpQueuePair
{
    void IPduSink.OnFault(PduFault fault, ReadOnlySpan<byte> header)
    {
        Log.ProtocolError(_logger, Id, RemoteEndPoint, (ushort)fault.Status, fault.Information, (byte)header[0]);
        if (fault.Status != FatalErrorStatus.Disconnect && CanSend)
        {
            int errorData = Math.Min(header.Length, TermReqPdu.MaxErrorData);
            TermReqPdu.Write(AppendHeader(TermReqPdu.Size + errorData), PduType.C2HTermReq, fault, header);
        }

        EndExchange();
        Close(fault.Cause, new ConnectionAbortedException($"The host broke the protocol: {fault}."));
    }

    private void OnTermReq(PduFault reported)
    {
        Log.TerminationRequest(_logger, Id, RemoteEndPoint, (ushort)reported.Status, reported.Information);
        EndExchange();
        Close(reported.Cause, new ConnectionAbortedException($"The host requested the termination of the connection: {reported}."));
    }

    void IPduSink.OnFailed(Exception exception) => Fail(exception);

    void IOwnedMemoryConnectionHandler.OnPeerClosed(Exception? error)
    {
        // After a FIN the host may still read; after an error nobody does.
        _receiver.Stop();
        _exchangeEnded |= error is not null;
    }

    void IOwnedMemoryConnectionHandler.OnQuiescing(TeardownCause cause)
    {
        _phase = Phase.Ended;
        _deadline.Stop();
        _hostDataWatch.Stop();
        _pending.Remove(this);
        _receiver.Stop();
        _capsuleBuffers.Cancel();

        // A command whose in-capsule data will never be complete is unknown to the handler. A transfer has its own reference to the destination, and so has
        // the connection while it writes there: ours can go.
        if (_inbound is { State: CommandState.Receiving } command)
        {
            EndCommand(command);
        }

        _inbound = null;
        foreach (TcpQueuePairCommand slot in _slots.Created)
        {
            EndTransfer(slot);
        }

        _handler!.OnQuiescing(this, cause);
    }

    void IOwnedMemoryConnectionHandler.OnClosed(DrainReport report)
    {
        _handler!.OnClosed(this, report);

        // Commands that T1 did not wait for never end here: a back end that still needs their data holds a reference of its own.
        foreach (TcpQueuePairCommand slot in _slots.Created)
        {
            slot.ReleaseCapsuleData();
        }
    }

    /// <summary>No PDU goes out any more; completions only free what they hold.</summary>
    private void EndExchange()
    {
        _exchangeEnded = true;
        _receiver.Stop();
    }

    private void Fail(Exception exception)
    {
        Log.HandlerFailed(_logger, Id, exception);
        EndExchange();
        Close(TeardownCause.InternalError, exception);
    }
}
