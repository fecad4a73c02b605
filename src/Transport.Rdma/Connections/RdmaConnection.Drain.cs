using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Rdma.Connections;

/// <content>The end, in the order of invariant I6.</content>
internal sealed partial class RdmaConnection
{
    private readonly DrainTimer _drainTimer;
    private volatile bool _peerGone;
    private bool _postingEnded;
    private bool _draining;
    private bool _disconnected;
    private bool _lastWorkRequestReached;
    private bool _flushOverdue;
    private bool _destroyBegun;
    private bool _fenced;
    private bool _abandoned;
    private int _destroyResult;

    /// <summary>Runs on the destroyer's thread, which holds no un-acknowledged event (invariant I5): both calls block while there is one.</summary>
    public void Destroy()
    {
        // The fence first; the id only after its queue pair.
        int result = _queuePair?.Destroy() ?? 0;
        int idResult = _id.Destroy();
        _destroyResult = result < 0 ? result : idResult < 0 && _queuePair is null ? 0 : result;
        if (idResult < 0)
        {
            RdmaLog.NotDestroyed(_loop.Transport.Logger, "connection identifier", ErrorText.Of(idResult));
        }

        _work.Ask(Work.Destroyed);
    }

    private bool IsFlushed => SendsAwaited == 0 && _receivesPosted == 0;

    private void BeginDrain()
    {
        if (_draining || _destroyBegun)
        {
            return;
        }

        _draining = true;
        if (SendsAwaited > 0 && CanPost)
        {
            // Responses on their way: ERR would flush them.
            _drainTimer.Start(_loop.Transport.Options.FlushTimeout);
        }

        AdvanceDrain();
    }

    /// <summary>Goes on as far as counts and events allow.</summary>
    private void AdvanceDrain()
    {
        if (!_draining || _destroyBegun)
        {
            return;
        }

        if (!_disconnected)
        {
            if (SendsAwaited > 0 && CanPost)
            {
                return;
            }

            Disconnect();
        }

        bool lastWorkRequest = !_shape.Shared || _queuePair is null || _lastWorkRequestReached;
        if (_flushOverdue || (IsFlushed && lastWorkRequest))
        {
            BeginDestroy();
        }
    }

    private void Disconnect()
    {
        _disconnected = true;
        EndPosting();
        _drainTimer.Stop();
        if (_queuePair is null)
        {
            return;
        }

        // Some providers move the queue pair themselves, some do not: once more is harmless.
        _ = _id.Disconnect();
        _ = _queuePair.ModifyToError();
        _drainTimer.Start(_shape.Shared ? _loop.Transport.Options.LastWorkRequestTimeout : _loop.Transport.Options.FlushTimeout);
    }

    private void EndPosting()
    {
        if (!_postingEnded)
        {
            _postingEnded = true;
            _receiveTimer.Stop();
            Flush();
            _owner.OnPostingEnded();
        }
    }

    // Repeated, early (the queue pair went to ERR by itself) or late, it says no more than the first time.
    private void OnLastWorkRequest()
    {
        if (!_lastWorkRequestReached)
        {
            _lastWorkRequestReached = true;
            RdmaLog.LastWorkRequestReached(_loop.Transport.Logger, Lifecycle.Id);
        }

        AdvanceDrain();
    }

    private void OnDrainTimer()
    {
        if (!_disconnected)
        {
            _peerGone = true;
        }
        else if (_shape.Shared && !_lastWorkRequestReached)
        {
            // Not every adapter delivers it. Destroying the queue pair is the fence in any case.
            _loop.Counters.LastWorkRequestTimeouts++;
            _lastWorkRequestReached = true;
            RdmaLog.LastWorkRequestMissing(_loop.Transport.Logger, Lifecycle.Id, _loop.Transport.Options.LastWorkRequestTimeout);
            if (!IsFlushed)
            {
                _drainTimer.Start(_loop.Transport.Options.FlushTimeout);
            }
        }
        else if (!IsFlushed)
        {
            // Soft iWARP flushes nothing that is posted after its queue pair went to ERR by itself. The destruction is the fence for that, too.
            _flushOverdue = true;
            _loop.Counters.FlushTimeouts++;
            RdmaLog.FlushMissing(_loop.Transport.Logger, Lifecycle.Id, SendsAwaited, _receivesPosted, _loop.Transport.Options.FlushTimeout);
        }

        AdvanceDrain();
    }

    /// <summary>Everything is counted, or somebody aborts.</summary>
    private void BeginDestroy()
    {
        if (_destroyBegun)
        {
            return;
        }

        EndPosting();
        if (!_disconnected && _queuePair is not null)
        {
            // The peer should see the end; nothing is awaited.
            _disconnected = true;
            _ = _id.Disconnect();
        }

        // From here on another thread may destroy the queue pair, while this one fetches events of the id.
        _queuePair?.Detach();
        _destroyBegun = true;
        _drainTimer.Stop();
        _loop.Transport.Destroyer.Destroy(this);
    }

    /// <summary>The adapter has destroyed the queue pair, or refused to.</summary>
    private void OnDestroyed()
    {
        if (_queuePair is not null)
        {
            // Completions that are still in the queue find the connection for the last time.
            _poller!.PollUntilEmpty();
            _poller.Remove(this, _number);
        }

        if (_destroyResult < 0)
        {
            RdmaLog.NotDestroyed(_loop.Transport.Logger, "queue pair", ErrorText.Of(_destroyResult));
            Abandon();
        }

        _fenced = true;
        if (_reserved > 0 && _destroyResult >= 0)
        {
            _poller!.Unreserve(_reserved);
        }

        _loop.Connections.Remove(_handle);
        int transmissions = _sendsOutstanding + _retiredSends, receives = _receivesPosted + _retiredReceives;
        if (!_abandoned)
        {
            ReleaseOperations();
            _receives?.Free();
            _operations?.Free();
            _owner.OnFenced(proven: true);
        }

        if (receives > 0)
        {
            Lifecycle.Release(ReferenceKind.PostedReceive, receives);
        }

        bool registered = !_abandoned;
        Lifecycle.Release(ReferenceKind.Transmission, transmissions + 1);
        if (registered)
        {
            Lifecycle.Release(ReferenceKind.Registration);
        }
    }

    private void ReleaseOperations()
    {
        if (_operations is null)
        {
            return;
        }

        foreach (SendOperation operation in _operations.All)
        {
            if (operation.Posted > 0)
            {
                operation.Failed = true;
                EndOperation(operation);
            }
        }

        _sendsOutstanding = _retiredSends = 0;
    }

    /// <summary>T3 passed: what the adapter may still touch is never used again.</summary>
    private void Abandon()
    {
        if (_fenced || _abandoned)
        {
            return;
        }

        _abandoned = true;
        long bytes = 0;
        foreach (SendOperation operation in _operations is null ? [] : _operations.All)
        {
            bytes += operation.Posted > 0 ? operation.Quarantine() : 0;
        }

        bytes += (_operations?.Quarantine() ?? 0) + (_receives?.Quarantine() ?? 0);
        AddQuarantined(bytes);
        _owner.OnFenced(proven: false);
        RdmaLog.Quarantined(_loop.Transport.Logger, Lifecycle.Id, bytes);
        Lifecycle.Release(ReferenceKind.Registration);
    }

    /// <summary>Counts bytes that are never used again.</summary>
    public void AddQuarantined(long bytes)
    {
        Lifecycle.AddQuarantined(bytes);
        _loop.Counters.QuarantinedBytes += bytes;
    }

    /// <summary>Deadlines of the drain that are shorter than the lifecycle's.</summary>
    private sealed class DrainTimer(RdmaConnection connection) : LoopTimer(connection._loop.Thread)
    {
        protected internal override void OnDue() => connection.OnDrainTimer();

        public override void OnFailure(Exception exception) => connection.OnFailure(exception);
    }
}
