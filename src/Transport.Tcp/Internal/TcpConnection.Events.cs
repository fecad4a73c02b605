using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed partial class TcpConnection : IEventLoopHandler, IFlushable
{
    private ReadyEvents _interest;
    private bool _isRegistered;
    private bool _inBatch;
    private bool _flushRequested;
    private bool _broken;
    private int _error;

    public void OnReady(ReadyEvents events)
    {
        if (_finished)
        {
            return;
        }

        if (_drainBegun)
        {
            ContinueDrain();
            return;
        }

        if (_bare is not null)
        {
            OnBareReady(events);
            return;
        }

        _inBatch = true;
        try
        {
            if ((events & ReadyEvents.Error) != 0)
            {
                OnErrorEvent(events);
            }

            if ((events & ReadyEvents.Writable) != 0)
            {
                OnWritable();
            }

            if ((events & (ReadyEvents.Readable | ReadyEvents.HangUp)) != 0 && !_broken)
            {
                OnReadable(events);
            }
        }
        finally
        {
            _inBatch = false;
        }

        SendQueued();
    }

    void IFlushable.FlushBatch()
    {
        _flushRequested = false;
        SendQueued();
    }

    private void OnReadable(ReadyEvents events)
    {
        if ((_peerClosed || _receivePaused) && (events & ReadyEvents.HangUp) != 0)
        {
            OnHangUp();
        }
        else if (!_peerClosed)
        {
            ReceiveBatch();
        }
    }

    /// <summary>Behind the peer's FIN, or while nobody reads: no read will tell.</summary>
    private void OnHangUp()
    {
        int error = _socket.TakeError();
        if (error > 0)
        {
            // Reported even to those who do not read at the moment; what arrived before is lost to them.
            OnBroken(error);
        }
        else if (!_peerClosed && !_isUnixDomain)
        {
            OnBroken(Errno.ECONNRESET);
        }
        else
        {
            // A Unix domain socket hangs up when its peer closes in order, too: what it sent can still be read, and may have to wait for that. And a send may have
            // met the error first. This state would be reported for as long as the application takes to end its side.
            SetInterest(_interest | ReadyEvents.EdgeTriggered);
        }
    }

    /// <summary>Notifications, or a broken connection; the latter is left to the next read where there is one, behind what arrived before it.</summary>
    private void OnErrorEvent(ReadyEvents events)
    {
        if (ReapNotifications() > 0 || (events & (ReadyEvents.Readable | ReadyEvents.HangUp)) != 0)
        {
            return;
        }

        int error = _socket.TakeError();
        if (error != 0)
        {
            OnBroken(error);
        }
    }

    private void OnPeerFin()
    {
        _peerClosed = true;
        TcpLog.ConnectionReadFin(_transport.Logger, ConnectionId);
        SetInterest(_interest & ~ReadyEvents.Readable);
        FireConnectionClosed();

        // With a pipe each direction ends by itself. And the answer to our own FIN is no cause of anything.
        if (_pipeHandler is null && !_drainBegun)
        {
            Lifecycle.BeginTeardown(TeardownCause.HostClosed);
        }

        _handler?.OnPeerClosed(null);
    }

    /// <summary>A send failed, maybe deep inside a handler's call of Flush: tells it from outside of that.</summary>
    private void FailLater(int errno)
    {
        if (_error != 0)
        {
            return;
        }

        _error = errno;
        _work.Ask(Work.Fail);
    }

    private void OnBroken(int errno)
    {
        if (_broken || _abortBegun || _finished)
        {
            return;
        }

        _broken = true;
        _error = errno;
        _peerClosed = true;
        Exception error = SocketErrors.Broken(errno);
        if (SocketErrors.IsReset(errno))
        {
            TcpLog.ConnectionReset(_transport.Logger, ConnectionId);
        }
        else
        {
            TcpLog.ConnectionError(_transport.Logger, error, ConnectionId);
        }

        // Error and hang-up are states, and cannot be masked; only edges are wanted from here on.
        SetInterest(ReadyEvents.Readable | ReadyEvents.EdgeTriggered);
        FireConnectionClosed();
        _abortFollows = true;
        Lifecycle.BeginTeardown(SocketErrors.Cause(errno), error);
        _handler?.OnPeerClosed(error);
        Lifecycle.Abort();
    }

    private void SetInterest(ReadyEvents events)
    {
        if (_loop.Thread.HasEnded)
        {
            return;
        }

        if (!_isRegistered)
        {
            _isRegistered = true;
            _interest = events;
            _socket.Register(_loop.Thread, events, this);
        }
        else if (events != _interest)
        {
            _interest = events;
            _socket.SetEvents(events);
        }
    }
}
