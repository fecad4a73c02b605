using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>What network, adapter and peer do.</summary>
internal sealed unsafe partial class KernelModel
{
    private readonly Queue<byte> _received = new();
    private bool _peerFin;

    /// <summary>The adapter reads up to <paramref name="bytes"/> from where the sends point to, and the peer gets them.</summary>
    public void Transmit(int bytes)
    {
        if (IsDead)
        {
            return;
        }

        foreach (KernelSend send in Sends)
        {
            int part = Math.Min(bytes, send.Length - send.Transmitted);
            send.Read(send.Transmitted, part, PeerReceived);
            send.Transmitted += part;
            bytes -= part;
        }

        PeerSawFin |= _finSent && Sends.TrueForAll(send => send.Transmitted == send.Length);
    }

    /// <summary>The peer acknowledges up to <paramref name="bytes"/> of what it got.</summary>
    public void Acknowledge(int bytes)
    {
        if (IsDead)
        {
            return;
        }

        foreach (KernelSend send in Sends)
        {
            int part = Math.Min(bytes, send.Transmitted - send.Acknowledged);
            send.Acknowledged += part;
            bytes -= part;
        }

        _finAcknowledged |= PeerSawFin && QueuedBytes == 0;
        if (!_writableWanted || QueuedBytes > sendBuffer / 2)
        {
            return;
        }

        _writableWanted = false;
        Edge(ReadyEvents.Writable);
    }

    /// <summary>Lets go of the memory of one send that may be let go of.</summary>
    public bool Free(int pick)
    {
        List<KernelSend> candidates = Sends.FindAll(send => send.MayBecomeFree);
        if (candidates.Count == 0)
        {
            return false;
        }

        candidates[pick % candidates.Count].IsFree = true;
        return true;
    }

    /// <summary>Puts one range of free sends on the error queue: as many together as <paramref name="most"/> allows, from anywhere in their order.</summary>
    public bool Notify(int pick, int most, bool wasCopied)
    {
        if (_errorQueue.Count >= MaxNotificationsQueued)
        {
            return false;
        }

        List<KernelSend> candidates = Sends.FindAll(send => send is { Index: not null, IsFree: true, IsNotified: false });
        if (candidates.Count == 0)
        {
            return false;
        }

        int first = pick % candidates.Count;
        int last = first;
        while (last + 1 < candidates.Count && last - first + 1 < most && candidates[last + 1].Index == candidates[last].Index + 1)
        {
            last++;
        }

        for (int i = first; i <= last; i++)
        {
            candidates[i].IsNotified = true;
        }

        Report(candidates[first].Index!.Value, candidates[last].Index!.Value, wasCopied);
        return true;
    }

    /// <summary>Reports a range, true or not.</summary>
    public void Report(uint low, uint high, bool wasCopied)
    {
        _errorQueue.Enqueue(new ZeroCopyNotification(low, high, wasCopied));
        Edge(ReadyEvents.Error);
    }

    public void PeerSends(ReadOnlySpan<byte> bytes)
    {
        if (IsDead || _peerFin)
        {
            return;
        }

        foreach (byte value in bytes)
        {
            _received.Enqueue(value);
        }

        Edge(ReadyEvents.Readable);
    }

    public void PeerSendsFin()
    {
        if (IsDead || _peerFin)
        {
            return;
        }

        _peerFin = true;
        Edge(ReadyEvents.Readable | ReadyEvents.PeerClosed);
    }

    public bool PeerMaySend => !IsDead && !_peerFin;

    /// <summary>Bytes that the peer sent and the connection has not read: closing now would send a RST.</summary>
    public int UnreadBytes => _received.Count;

    public void PeerSendsReset()
    {
        if (IsDead)
        {
            return;
        }

        _error = Errno.ECONNRESET;
        WasReset = true;
        Die();
    }

    public nint Receive(IoVector* vectors, int count)
    {
        if (TakeRefusal(SocketCall.Receive, out int refusal))
        {
            return refusal;
        }

        nint received = 0;
        for (int i = 0; i < count && _received.Count > 0; i++)
        {
            for (nuint j = 0; j < vectors[i].Length && _received.TryDequeue(out byte value); j++, received++)
            {
                vectors[i].Base[j] = value;
            }
        }

        if (received > 0)
        {
            return received;
        }

        if (TakePendingError() is > 0 and int error)
        {
            return -error;
        }

        if (IsDisconnected)
        {
            return -Errno.ENOTCONN;
        }

        return _peerFin || IsDead ? 0 : -Errno.EAGAIN;
    }
}
