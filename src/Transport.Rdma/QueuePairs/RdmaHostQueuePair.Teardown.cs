using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <content>Faults and the end.</content>
internal sealed partial class RdmaHostQueuePair
{
    private Exception? _fault;

    void IRdmaConnectionOwner.OnQuiescing(TeardownCause cause)
    {
        _ended = true;
        Exception error = Error(cause);
        _handshake.TrySetException(error);
        EndWaiting();
        while (_submissions.FirstOutstanding() is { } submission)
        {
            try
            {
                End(submission, default, error);
            }
            catch (Exception exception)
            {
                // One failing callback must not keep the others from being told.
                RdmaLog.HandlerFailed(_logger, exception, Id);
            }
        }
    }

    void IRdmaConnectionOwner.OnPostingEnded() => EndWaiting();

    void IRdmaConnectionOwner.OnFenced(bool proven)
    {
        long quarantined = 0;
        foreach (RdmaHostSubmission submission in _submissions.All)
        {
            quarantined += submission.Fence(proven);
        }

        if (quarantined > 0)
        {
            _connection.AddQuarantined(quarantined);
        }
    }

    void IRdmaConnectionOwner.OnClosed(DrainReport report) => _handshake.TrySetException(Error(report.Cause));

    void IRdmaConnectionOwner.OnFault(string fault) => Fault(fault);

    /// <summary>Those whose capsule never went out.</summary>
    private void EndWaiting()
    {
        while (_firstWaiting is { } submission)
        {
            _firstWaiting = submission.NextWaiting;
            submission.NextWaiting = null;
            submission.EndSending();
        }
    }

    private Exception Error(TeardownCause cause) => _fault ?? _connection.Error ?? cause switch
    {
        TeardownCause.HostClosed => new ConnectionResetException("The controller closed the connection."),
        TeardownCause.ConnectionReset => new ConnectionResetException("The connection broke."),
        _ => new ConnectionAbortedException($"The queue pair was closed ({cause})."),
    };

    private void Fault(string fault)
    {
        if (_ended)
        {
            return;
        }

        _fault ??= new ConnectionAbortedException($"The controller broke the protocol: {fault}.");
        RdmaLog.ProtocolError(_logger, Id, RemoteEndPoint, fault);
        Close(TeardownCause.ProtocolError, _fault);
    }
}
