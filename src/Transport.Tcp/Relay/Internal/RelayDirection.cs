using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>One direction of a relay, from the bytes one socket received to those the other has to send.</summary>
/// <remarks>
/// <code>
///          end of the stream read, or stopped              channel empty
///  moving ──────────────────────────────────► flushing ─────────────────► FIN sent: finished
///     └────────────── a connection broke, or aborted ──┴────────────────► dropped: finished
/// </code>
/// <para>
/// Both sockets report edges. <c>_sourceReady</c> and <c>_targetReady</c> are what is known of them: an edge sets one, EAGAIN clears it, but only where it is certain whose
/// EAGAIN it was. Filling an empty channel: the socket's, for an empty pipe is not full. Filling one that has bytes: unknown, since pipes fill up by pages and not by
/// bytes; so it stays "ready", and is asked again when the target has taken something. Delivering from a channel that has bytes by our own count: the target's.
/// </para>
/// </remarks>
internal sealed class RelayDirection(LoopRelay relay, RelayEnd source, RelayEnd target, RelayLoop loop)
{
    /// <summary>Most bytes moved before other connections have their turn.</summary>
    private const int Budget = 2 << 20;

    private RelayChannel? _channel;
    private bool _sourceReady;
    private bool _targetReady = true;
    private bool _sourceEnded;

    /// <summary>Bytes the target's socket has taken.</summary>
    public long Moved { get; private set; }

    public bool IsFinished { get; private set; }

    /// <summary>Bytes in the relay's hands.</summary>
    public long Bytes => _channel?.Bytes ?? 0;

    public bool HasUndelivered => !IsFinished && (Bytes > 0 || target.Connection.UnsentBytes > 0);

    public void OnSourceReady()
    {
        _sourceReady = true;
        Pump();
    }

    public void OnTargetReady()
    {
        _targetReady = true;
        if (_channel is not null || _sourceEnded)
        {
            Pump();
        }
    }

    /// <summary>There may be a pipe or a buffer now.</summary>
    public void OnFed() => Pump();

    /// <summary>No more is read; what was read is delivered.</summary>
    public void Stop()
    {
        _sourceEnded = true;
        Pump();
    }

    /// <summary>The end without delivery.</summary>
    /// <returns>Bytes dropped.</returns>
    public long Drop()
    {
        long dropped = Bytes;
        IsFinished = true;
        ReturnChannel();
        return dropped;
    }

    public void Pump()
    {
        long before = Moved;
        bool mayGoOn = true;
        while (!IsFinished && (mayGoOn = Moved - before < Budget) && (DeliverOnce() | FillOnce()))
        {
        }

        if (Moved > before)
        {
            relay.OnMoved(Moved - before);
        }

        if (IsFinished)
        {
            return;
        }

        if (!mayGoOn)
        {
            relay.PostPump();
            return;
        }

        if (Bytes > 0)
        {
            return;
        }

        ReturnChannel();
        if (_sourceEnded && target.Connection.UnsentBytes == 0)
        {
            Finish();
        }
    }

    private bool DeliverOnce()
    {
        // First bytes that a sniffer had read are in the connection's own queue, and go first.
        if (_channel is not { Bytes: > 0 } channel || !_targetReady || target.Connection.UnsentBytes > 0)
        {
            return false;
        }

        if (!target.Connection.MayUseSocket)
        {
            relay.OnTargetLost();
            return false;
        }

        nint moved = channel.Deliver(target.Socket);
        if (moved > 0)
        {
            Moved += moved;
            if (channel.IsSplicing)
            {
                loop.Counters.BytesSpliced += moved;
            }
            else
            {
                loop.Counters.BytesCopied += moved;
            }

            return true;
        }

        switch (moved)
        {
            case -Errno.EAGAIN:
                _targetReady = false;
                return false;
            case -Errno.EINTR:
                return true;
            default:
                // Nothing taken from a pipe that has bytes in it: we have lost count.
                target.Connection.OnBareError(moved == 0 ? Errno.EIO : -(int)moved);
                return false;
        }
    }

    private bool FillOnce()
    {
        if (IsFinished || !_sourceReady || _sourceEnded || !source.Connection.MayUseSocket || Bytes >= (_channel?.Capacity ?? int.MaxValue))
        {
            return false;
        }

        _channel ??= loop.Rent(this, source.Connection.Owner.Pool);
        if (_channel is null)
        {
            return false;
        }

        nint moved = _channel.Fill(source.Socket);
        switch (moved)
        {
            case > 0 or -Errno.EINTR:
                return true;
            case 0:
                _sourceEnded = true;
                source.Connection.OnBareFin();
                return false;
            case -Errno.EAGAIN:
                _sourceReady = _channel.Bytes > 0;
                return false;
            default:
                source.Connection.OnBareError(-(int)moved);
                return false;
        }
    }

    private void Finish()
    {
        IsFinished = true;
        target.Connection.ShutdownWrites();
        relay.OnFinished(target);
    }

    private void ReturnChannel()
    {
        _channel?.Return();
        _channel = null;
    }
}
