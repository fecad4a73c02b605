using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed unsafe partial class TcpConnection
{
    private readonly SendQueue _sendQueue;
    private bool _isSending;
    private bool _sendBlocked;
    private Action? _whenSent;

    public long UnsentBytes => _sendQueue.Bytes;

    public Span<byte> AppendHeader(int length)
    {
        if (_drainBegun)
        {
            return _loop.DiscardedHeaders.AsSpan(0, length);
        }

        Span<byte> header = _sendQueue.AppendHeader(length);
        RequestFlush();
        return header;
    }

    public void Append(BufferLease data, IOwnedMemorySendOwner? owner = null)
    {
        if (_drainBegun)
        {
            // T1 has passed, or the connection broke: the kernel never sees these bytes.
            data.Release();
            owner?.OnSent(proven: true);
            return;
        }

        _sendQueue.Append(data, owner);
        RequestFlush();
    }

    /// <summary>Data whose owner keeps it until nothing is left to send; see <see cref="SendQueue.AppendBorrowed"/>.</summary>
    public void AppendBorrowed(BufferLease data, int runLength)
    {
        if (_drainBegun || data.Length == 0)
        {
            return;
        }

        _sendQueue.AppendBorrowed(data, runLength);
        RequestFlush();
    }

    public void Flush() => SendQueued();

    /// <summary>Calls <paramref name="action"/> once when nothing is left to send, or will not be sent any more.</summary>
    public void NotifyWhenSent(Action action)
    {
        _whenSent = action;
        if (_sendQueue.IsEmpty)
        {
            TellSent();
        }
    }

    private void RequestFlush()
    {
        if (_inBatch || _flushRequested)
        {
            return;
        }

        _flushRequested = true;
        _loop.Thread.RequestFlush(this);
    }

    private void OnWritable()
    {
        _sendBlocked = false;

        // Left in place until it proves useless: a queue that fills up again and again costs no epoll_ctl.
        if (_sendQueue.IsEmpty)
        {
            SetInterest(_interest & ~ReadyEvents.Writable);
        }
    }

    private void SendQueued()
    {
        if (_sendBlocked || _isSending || _error != 0 || _sendQueue.IsEmpty)
        {
            return;
        }

        _isSending = true;
        try
        {
            while (!_sendQueue.IsEmpty && SendOnce())
            {
            }
        }
        finally
        {
            _isSending = false;
        }

        if (_sendQueue.IsEmpty)
        {
            TellSent();
        }
    }

    /// <summary>One gather send.</summary>
    /// <returns>True when the kernel took all of it.</returns>
    private bool SendOnce()
    {
        int count = _sendQueue.Gather(_loop.Vectors, SocketConstants.IOV_MAX, _zeroCopyThreshold, out bool zeroCopy, out long bytes);
        nint sent = zeroCopy ? SendZeroCopy(_loop.Vectors, count, bytes, out zeroCopy) : _socket.Send(_loop.Vectors, count, zeroCopy: false);
        if (sent > 0)
        {
            if (zeroCopy)
            {
                _loop.Counters.BytesZeroCopied += sent;
            }
            else
            {
                _loop.Counters.BytesCopied += sent;
            }

            if (_quiesced && !zeroCopy)
            {
                Lifecycle.AddProven(sent);
            }

            _sendQueue.Advance(sent, zeroCopy);
            if (sent == bytes)
            {
                return true;
            }
        }
        else if (sent is not (-Errno.EAGAIN or -Errno.EINTR))
        {
            FailLater(-(int)sent);
            return false;
        }

        // A short send means a full socket buffer: the next attempt would only say so.
        _sendBlocked = true;
        SetInterest(_interest | ReadyEvents.Writable);
        return false;
    }

    private void TellSent()
    {
        Action? action = _whenSent;
        _whenSent = null;
        action?.Invoke();
    }
}
