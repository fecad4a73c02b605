using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed partial class TcpConnectionListener : IEventLoopHandler, IThreadPoolWorkItem
{
    private const int AcceptsPerBatch = 64;
    private readonly BackOffTimer _backOffTimer;
    private bool _isRegistered;
    private bool _isListening;
    private bool _isClosed;

    public void OnReady(ReadyEvents events)
    {
        Span<byte> address = stackalloc byte[SocketAddresses.MaxSize];
        for (int i = 0; i < AcceptsPerBatch && !_isClosed; i++)
        {
            if (Volatile.Read(ref _waiting) >= MaxWaiting)
            {
                // AcceptAsync posts this listener when there is room again.
                Listen(false);
                return;
            }

            int result = _socket.Accept(address, out int length);
            if (result >= 0)
            {
                Take(new SafeFileDescriptor(result), address[..length]);
            }
            else if (!OnAcceptError(-result))
            {
                return;
            }
        }
    }

    /// <summary>On the loop: starts, goes on or stops, whichever is due.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (Volatile.Read(ref _unbinding) != 0)
        {
            Close();
        }
        else if (_loop.Thread.HasEnded)
        {
            OnLoopEnded();
        }
        else if (!_backOffTimer.IsArmed)
        {
            Listen(true);
        }
    }

    /// <summary>Nobody accepts any more, and connections must not wait for it in the kernel's backlog. Who asks for the next one hears why.</summary>
    public void OnLoopEnded()
    {
        ObjectDisposedException error = _loop.Thread.EndedException();
        TcpLog.AcceptFailed(_transport.Logger, EndPoint, error.Message);
        _accepted.Writer.TryComplete(error);
        Close();
    }

    /// <summary>The loop has logged it. One connection that could not be made must not leave the server deaf.</summary>
    public void OnFailure(Exception exception)
    {
    }

    private void Take(SafeFileDescriptor socket, ReadOnlySpan<byte> address)
    {
        _backOffTimer.Reset();
        TcpConnection connection;
        try
        {
            connection = _transport.Add(_transport.NextLoop(), socket, SocketAddresses.FromNative(address));
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        Interlocked.Increment(ref _waiting);
        if (!_accepted.Writer.TryWrite(connection))
        {
            connection.Abort();
        }
    }

    /// <returns>True when the next accept may succeed.</returns>
    private bool OnAcceptError(int errno)
    {
        switch (errno)
        {
            case Errno.EAGAIN:
                return false;
            case Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM:
                Listen(false);
                TcpLog.AcceptBackOff(_transport.Logger, EndPoint, _backOffTimer.StartNext(), SocketErrors.Text(errno));
                return false;
            case Errno.EINVAL or Errno.EBADF or Errno.ENOTSOCK or Errno.EFAULT or Errno.EOPNOTSUPP:
                TcpLog.AcceptFailed(_transport.Logger, EndPoint, SocketErrors.Text(errno));
                Listen(false);
                _accepted.Writer.TryComplete(new IOException($"Accepting on {EndPoint} failed: {SocketErrors.Text(errno)}."));
                return false;
            default:
                // The connection died in the backlog, or its network has an error to report (accept(2)): the next one is fine.
                return true;
        }
    }

    private void Listen(bool listening)
    {
        if (_isClosed || listening == _isListening)
        {
            return;
        }

        _isListening = listening;
        ReadyEvents events = listening ? ReadyEvents.Readable : ReadyEvents.None;
        if (_isRegistered)
        {
            _socket.SetEvents(events);
            return;
        }

        _socket.Register(_loop.Thread, events, this);
        _isRegistered = true;
    }

    private void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _backOffTimer.Stop();
        _socket.Close();
        DeletePath();
        _accepted.Writer.TryComplete();
        while (_accepted.Reader.TryRead(out TcpConnection? connection))
        {
            connection.Abort();
        }

        _transport.Remove(this);
        _unbound.TrySetResult();
    }

    /// <summary>The file of a Unix domain socket outlives the socket, and would keep the next listener from binding.</summary>
    private void DeletePath()
    {
        if (!_ownsPath || EndPoint.ToString() is not [not '@', ..] path)
        {
            return;
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            TcpLog.PathNotDeleted(_transport.Logger, exception, EndPoint);
        }
    }

    /// <summary>Out of descriptors or memory: accepting again at once would spin. 10 ms, doubling up to 1 s.</summary>
    private sealed class BackOffTimer(TcpConnectionListener listener) : LoopTimer(listener._loop.Thread)
    {
        private int _milliseconds = 10;

        public TimeSpan StartNext()
        {
            TimeSpan delay = TimeSpan.FromMilliseconds(_milliseconds);
            Start(delay);
            _milliseconds = Math.Min(_milliseconds * 2, 1000);
            return delay;
        }

        public void Reset() => _milliseconds = 10;

        public override void OnFailure(Exception exception) => listener.OnFailure(exception);

        protected internal override void OnDue() => listener.Listen(true);
    }
}
