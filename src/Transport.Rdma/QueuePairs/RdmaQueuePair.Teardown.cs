using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <content>The end.</content>
internal sealed partial class RdmaQueuePair
{
    private DrainReport? _report;
    private TeardownCause _cause;
    private bool _endTold;

    void IRdmaConnectionOwner.OnQuiescing(TeardownCause cause)
    {
        _phase = Phase.Ended;
        _cause = cause;
        _deadline.Stop();
        _pending.Remove(this);
        ExecuteHeld();

        // Reads under way keep their destination until the adapter is done; ours can go.
        _waitingReads.Clear();
        foreach (RdmaQueuePairCommand command in _commands)
        {
            command.EndTransfer();
        }

        TellEnd();
    }

    void IRdmaConnectionOwner.OnPostingEnded()
    {
        while (_waitingResponses.First is { } command)
        {
            _waitingResponses.RemoveFirst();
            command.ResponseData.Release();
            command.ResponseData = default;
            EndCommand(command);
        }
    }

    // Nothing of ours is open to the host.
    void IRdmaConnectionOwner.OnFenced(bool proven)
    {
    }

    void IRdmaConnectionOwner.OnClosed(DrainReport report)
    {
        _report = report;
        _phase = Phase.Ended;
        TellEnd();
    }

    /// <summary>The handler may come after the end.</summary>
    private void TellEnd()
    {
        if (Volatile.Read(ref _handler) is not { } handler)
        {
            return;
        }

        if (!_endTold)
        {
            _endTold = true;
            handler.OnQuiescing(this, _cause);
        }

        if (_report is { } report)
        {
            _report = null;
            handler.OnClosed(this, report);
        }
    }
}
