using System.Net;
using Nvmf.EventLoop;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>A connection whose bytes somebody else moves: a relay.</summary>
internal sealed partial class TcpConnection
{
    /// <summary>Edges in both directions: no epoll_ctl is needed however often either side blocks.</summary>
    private const ReadyEvents BareInterest = ReadyEvents.Readable | ReadyEvents.Writable | ReadyEvents.EdgeTriggered;

    private IBareSocketHandler? _bare;

    /// <summary>For a handler given to <see cref="AttachBare"/>, on the loop, until the drain begins.</summary>
    public TcpSocket BareSocket => _socket;

    /// <summary>False from the beginning of the drain or an abort: the descriptor may be closed from then on, and its number be somebody else's.</summary>
    public bool MayUseSocket => !_drainBegun && !_abortFollows && !_broken;

    /// <summary>True when the connection ends, or will end, in a reset.</summary>
    public bool IsAborting => _abortFollows || _abortBegun;

    public TcpTransport Owner => _transport;

    public TcpLoop Loop => _loop;

    /// <summary>True when bytes are those of the pipe that took the socket's place (TLS), so that nobody may touch the socket.</summary>
    public bool IsTransportReplaced => _pipe is not null && !ReferenceEquals(_pipe, _pipeHandler?.Application);

    public bool HasPipe => _pipeHandler is not null;

    /// <summary>Another connection on the same loop.</summary>
    public Task<TcpConnection> ConnectSiblingAsync(IPEndPoint endPoint, CancellationToken cancellationToken) =>
        TcpConnectOperation.RunAsync(_transport, _loop, endPoint, cancellationToken);

    /// <summary>Takes the connection over, once, on its loop: it is new, or its pipe was detached.</summary>
    public void AttachBare(IBareSocketHandler handler)
    {
        lock (_startLock)
        {
            if (_handler is not null && _pipeHandler is not { IsDetached: true })
            {
                throw new InvalidOperationException("The connection is in use already, by a handler or through its pipe.");
            }

            _handler = handler;
            _bare = handler;
        }

        _receivePaused = false;
        StartReceiving();
    }

    /// <summary>
    /// Ends the pipe, if there is one, and leaves the socket alone until <see cref="AttachBare"/>: what was written has been sent, what was received and not
    /// read is still in the pipe's reader, which then completes. Any thread.
    /// </summary>
    public Task DetachPipeAsync() => _pipeHandler?.DetachAsync() ?? Task.CompletedTask;

    /// <summary>The handler read the end of the stream.</summary>
    public void OnBareFin()
    {
        if (_peerClosed)
        {
            return;
        }

        _peerClosed = true;
        TcpLog.ConnectionReadFin(_transport.Logger, ConnectionId);
        FireConnectionClosed();
    }

    /// <summary>A system call of the handler failed.</summary>
    public void OnBareError(int errno) => OnBroken(errno);

    /// <summary>Sends FIN while the other direction goes on. Nothing may be waiting to be sent.</summary>
    public void ShutdownWrites()
    {
        if (!_drainBegun && !_broken)
        {
            SendFin();
        }
    }

    private void OnBareReady(ReadyEvents events)
    {
        if ((events & ReadyEvents.Writable) != 0)
        {
            _sendBlocked = false;
            SendQueued();
        }

        // What arrived ahead of a reset is moved first; reading then meets the reset by itself, unless nobody could read.
        _bare!.OnSocketReady(events);
        if ((events & ReadyEvents.Error) == 0 || _broken || _drainBegun || _abortFollows)
        {
            return;
        }

        _ = ReapNotifications();
        if (_socket.TakeError() is > 0 and int error)
        {
            OnBroken(error);
        }
    }
}
