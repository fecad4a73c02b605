using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed unsafe partial class TcpConnection
{
    /// <summary>Most bytes read for one readiness event before other connections have their turn.</summary>
    private const int ReadBudget = 1 << 20;

    /// <summary>Most bytes a handler may leave unconsumed while it is not paused (contract).</summary>
    private const int MaxHeldBack = 64 << 10;

    /// <summary>From this length on, data received straight into a lease is worth a small read-ahead.</summary>
    private const int LargeReceive = 32 << 10;
    private const int SmallReadAhead = 8 << 10;

    private BufferLease _into;
    private int _intoFilled;
    private bool _isReceivingInto;
    private bool _receivePaused;
    private bool _peerClosed;
    private int _readAhead = int.MaxValue;
    private ReceiveTail _tail;

    public void ReceiveInto(BufferLease destination)
    {
        if (_isReceivingInto)
        {
            throw new InvalidOperationException("A ReceiveInto is under way already.");
        }

        if (destination.Length == 0)
        {
            throw new ArgumentException("The lease is empty.", nameof(destination));
        }

        if (_drainBegun)
        {
            return;
        }

        _into = destination.Retain();
        _intoFilled = 0;
        _isReceivingInto = true;

        // Large payloads follow each other: reading far beyond this one would only fetch the next into the wrong place and copy it once more.
        _readAhead = destination.Length >= LargeReceive ? SmallReadAhead : int.MaxValue;
    }

    public bool TryLend(ReadOnlySpan<byte> received, out BufferLease lease) => _loop.ReceiveBlocks.TryLend(received, out lease);

    public void PauseReceive()
    {
        if (_receivePaused)
        {
            return;
        }

        _receivePaused = true;
        TcpLog.ConnectionPause(_transport.Logger, ConnectionId);
    }

    public void ResumeReceive()
    {
        if (!_receivePaused)
        {
            return;
        }

        _receivePaused = false;
        TcpLog.ConnectionResume(_transport.Logger, ConnectionId);
        _work.Ask(Work.Resume);
    }

    private void StartReceiving()
    {
        if (!_drainBegun)
        {
            SetInterest(_bare is null ? _interest | ReadyEvents.Readable : BareInterest);
        }

        // A teardown that came before the handler: tell it what it has missed.
        if (_quiesced)
        {
            _handler!.OnQuiescing(Lifecycle.Cause);
        }

        if (_closedTold)
        {
            _handler!.OnClosed(_report!);
        }
    }

    private void DeliverHeldBack()
    {
        if (_drainBegun || _receivePaused || _bare is not null || _loop.Thread.HasEnded)
        {
            return;
        }

        if (!_tail.IsEmpty)
        {
            Span<byte> scratch = _loop.ReceiveBlocks.Next(_tail.Length);
            int length = _tail.CopyTo(scratch);
            _tail.Clear();
            Deliver(scratch, length);
            _handler!.OnBatchEnd();
            RequestFlush();
        }

        if (!_receivePaused && !_peerClosed)
        {
            SetInterest((_interest | ReadyEvents.Readable) & ~ReadyEvents.EdgeTriggered);
        }
    }

    private void ReceiveBatch()
    {
        int budget = ReadBudget;
        while (true)
        {
            if (_receivePaused || _tail.Length > MaxHeldBack)
            {
                // Level-triggered: without this the loop would be told again and again. After a pause, what was held back has to be delivered
                // first (it may fill the whole buffer); that turns reading on again.
                SetInterest(_interest & ~ReadyEvents.Readable);
                break;
            }

            int received = ReceiveOnce(out bool isMoreLikely);
            budget -= received;
            if (!isMoreLikely || budget <= 0 || _drainBegun || _peerClosed)
            {
                break;
            }
        }

        _handler!.OnBatchEnd();
    }

    /// <summary>One recvmsg: what is wanted in a lease goes there, the rest into the loop's buffer behind what was held back.</summary>
    private int ReceiveOnce(out bool isMoreLikely)
    {
        Span<byte> scratch = _loop.ReceiveBlocks.Next(_tail.Length);
        IoVector* vectors = stackalloc IoVector[2];
        int count = 0;
        int direct = 0;
        int offset = 0;
        if (_isReceivingInto)
        {
            direct = _into.Length - _intoFilled;
            vectors[count++] = new IoVector(_into.Pointer + _intoFilled, direct);
        }
        else
        {
            offset = _tail.CopyTo(scratch);
        }

        int room = Math.Min(scratch.Length - offset, _readAhead);
        fixed (byte* free = scratch[offset..])
        {
            vectors[count++] = new IoVector(free, room);
        }

        int received = (int)_socket.Receive(vectors, count);
        isMoreLikely = received == direct + room;
        if (received <= 0)
        {
            OnReceiveEnd(received);
            return 0;
        }

        _loop.Counters.BytesReceived += received;
        _tail.Clear();
        int buffered = offset + received;
        if (direct > 0)
        {
            int placed = Math.Min(direct, received);
            buffered = received - placed;
            AdvanceInto(placed);
        }

        if (buffered > 0)
        {
            Deliver(scratch, buffered);
        }

        return received;
    }

    private void OnReceiveEnd(int result)
    {
        if (result == 0)
        {
            OnPeerFin();
        }
        else if (result is not (-Errno.EAGAIN or -Errno.EINTR))
        {
            OnBroken(-result);
        }
    }

    /// <summary>Offers the first <paramref name="length"/> bytes of the loop's buffer to the handler and keeps what it leaves.</summary>
    private void Deliver(Span<byte> scratch, int length)
    {
        int position = 0;
        while (position < length && !_receivePaused && !_drainBegun)
        {
            Span<byte> rest = scratch[position..length];
            if (_isReceivingInto)
            {
                int part = Math.Min(rest.Length, _into.Length - _intoFilled);
                rest[..part].CopyTo(_into.Span[_intoFilled..]);
                position += part;
                AdvanceInto(part);
                continue;
            }

            _readAhead = int.MaxValue;
            int consumed = _handler!.OnReceived(rest);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)consumed, (uint)rest.Length, nameof(IOwnedMemoryConnectionHandler.OnReceived));
            position += consumed;
            if (!_isReceivingInto)
            {
                break;
            }
        }

        int left = length - position;
        if (left == 0 || _drainBegun)
        {
            return;
        }

        if (left > MaxHeldBack && !_receivePaused)
        {
            throw new InvalidOperationException($"The handler left {left} bytes unconsumed; {MaxHeldBack} are allowed.");
        }

        _tail.Store(scratch[position..length]);
    }

    private void AdvanceInto(int bytes)
    {
        _intoFilled += bytes;
        if (_intoFilled < _into.Length)
        {
            return;
        }

        BufferLease full = _into;
        _isReceivingInto = false;
        _into = default;
        try
        {
            _handler!.OnReceivedInto(full);
        }
        finally
        {
            full.Release();
        }
    }

    /// <summary>The handler gets no more bytes; what it was to get them in is free.</summary>
    private void EndReceive()
    {
        _tail.Clear();
        if (!_isReceivingInto)
        {
            return;
        }

        _isReceivingInto = false;
        BufferLease into = _into;
        _into = default;
        into.Release();
    }
}
