using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <content>Faults and the end.</content>
internal sealed partial class TcpHostQueuePair
{
    private Exception? _error;

    void IPduSink.OnFault(PduFault fault, ReadOnlySpan<byte> header)
    {
        Log.ProtocolError(_logger, Id, (ushort)fault.Status, fault.Information, header[0]);
        if (fault.Status != FatalErrorStatus.Disconnect && CanSend)
        {
            int errorData = Math.Min(header.Length, TermReqPdu.MaxErrorData);
            TermReqPdu.Write(AppendHeader(TermReqPdu.Size + errorData), PduType.H2CTermReq, fault, header);
        }

        EndExchange(fault.Cause, new ConnectionAbortedException($"The controller broke the protocol: {fault} in a PDU of type {header[0]:X2}h."));
    }

    private void OnTermReq(PduFault reported)
    {
        Log.TerminationRequest(_logger, Id, (ushort)reported.Status, reported.Information);
        EndExchange(reported.Cause, new ConnectionAbortedException($"The controller requested the termination of the connection: {reported}."));
    }

    void IPduSink.OnFailed(Exception exception) => Fail(exception);

    void IOwnedMemoryConnectionHandler.OnPeerClosed(Exception? error)
    {
        _receiver.Stop();
        _exchangeEnded = true;
        _error ??= new ConnectionResetException(
            error is null ? "The controller closed the connection." : $"The connection broke: {error.Message}", error!);
    }

    void IOwnedMemoryConnectionHandler.OnQuiescing(TeardownCause cause)
    {
        _phase = Phase.Ended;
        _receiver.Stop();
        _error ??= new ConnectionAbortedException(cause switch
        {
            TeardownCause.HostClosed => "The controller closed the connection.",
            TeardownCause.ConnectionReset => "The connection broke.",
            _ => $"The queue pair was closed ({cause}).",
        });
        _handshake.TrySetException(_error);

        while (_submissions.FirstOutstanding() is { } submission)
        {
            try
            {
                End(submission, default, _error);
            }
#pragma warning disable CA1031 // One failing callback must not keep the others from being told.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CallbackFailed(_logger, Id, exception);
            }
        }
    }

    private void End(TcpHostSubmission submission, in CompletionQueueEntry completion, Exception? error)
    {
        _submissions.Forget(submission);
        try
        {
            submission.Complete(completion, error);
        }
        finally
        {
            _references.Return();
        }
    }

    void IOwnedMemoryConnectionHandler.OnClosed(DrainReport report) => EndInbound();

    /// <summary>Nothing is received into the data of the last command any more.</summary>
    private void EndInbound()
    {
        TcpHostSubmission? submission = _inbound;
        _inbound = null;
        submission?.EndReceiving();
    }

    private void EndExchange(TeardownCause cause, Exception error)
    {
        _error ??= error;
        _exchangeEnded = true;
        _receiver.Stop();
        Close(cause, error);
    }

    private void Fail(Exception exception)
    {
        Log.CallbackFailed(_logger, Id, exception);
        _error ??= exception;
        _exchangeEnded = true;
        _receiver.Stop();
        Close(TeardownCause.InternalError, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Debug, "Host queue pair {Id}: handshake done, digests {Digests}, CPDA {Alignment}, MAXH2CDATA {MaxData}.")]
        public static partial void Handshake(ILogger logger, string id, DigestFlags digests, byte alignment, uint maxData);

        [LoggerMessage(12, LogLevel.Warning,
            "Host queue pair {Id}: the controller broke the protocol, FES {Status:X2}h FEI {Information:X}h in a PDU of type {Type:X2}h; closing.")]
        public static partial void ProtocolError(ILogger logger, string id, ushort status, uint information, byte type);

        [LoggerMessage(13, LogLevel.Warning, "Host queue pair {Id}: the controller sent a termination request, FES {Status:X2}h FEI {Information:X}h; closing.")]
        public static partial void TerminationRequest(ILogger logger, string id, ushort status, uint information);

        [LoggerMessage(14, LogLevel.Error, "Host queue pair {Id}: the callback of a command failed; closing.")]
        public static partial void CallbackFailed(ILogger logger, string id, Exception exception);
    }
}
