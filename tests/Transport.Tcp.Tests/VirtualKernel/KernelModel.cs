using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>
/// One TCP socket with its send queue, error queue and peer, as much of them as decides over memory. Nothing happens by itself: the test acknowledges,
/// frees, notifies, resets. It judges nothing either, but for calls on a closed descriptor.
/// </summary>
internal sealed unsafe partial class KernelModel(uint firstIndex, int sendBuffer)
{
    private const int MaxNotificationsQueued = 64;
    private readonly Queue<ZeroCopyNotification> _errorQueue = new();
    private uint _nextIndex = firstIndex;
    private int _error;
    private bool _finSent;
    private bool _finAcknowledged;

    public uint FirstIndex { get; } = firstIndex;

    public List<KernelSend> Sends { get; } = [];

    /// <summary>What the peer's application could read.</summary>
    public List<byte> PeerReceived { get; } = [];

    public bool PeerSawFin { get; private set; }

    /// <summary>Reset by the peer, or dissolved by the connection.</summary>
    public bool IsDead { get; private set; }

    public bool IsDisconnected { get; private set; }

    public bool WasReset { get; private set; }

    public bool IsClosed { get; private set; }

    public string? Misuse { get; private set; }

    /// <summary>One-shot errors by call; see <see cref="Refuse"/>.</summary>
    public Dictionary<SocketCall, int> Refusals { get; } = [];

    public int QueuedBytes => Sends.Sum(send => send.IsPurged ? 0 : send.Length - send.Acknowledged);

    public int UnacknowledgedBytes => QueuedBytes + (_finSent && !_finAcknowledged && !IsDead ? 1 : 0);

    /// <summary>The next call of this kind fails.</summary>
    public void Refuse(SocketCall call, int errno) => Refusals[call] = errno;

    public nint Send(IoVector* vectors, int count, bool zeroCopy)
    {
        if (TakeRefusal(zeroCopy ? SocketCall.SendZeroCopy : SocketCall.Send, out int refusal))
        {
            return refusal;
        }

        if (TakePendingError() is > 0 and int error)
        {
            return -error;
        }

        if (IsDead || _finSent)
        {
            return -Errno.EPIPE;
        }

        int room = sendBuffer - QueuedBytes;
        if (room <= 0)
        {
            return -Errno.EAGAIN;
        }

        var ranges = new List<KernelSend.Range>();
        int taken = 0;
        for (int i = 0; i < count && taken < room; i++)
        {
            int part = (int)Math.Min((nuint)(room - taken), vectors[i].Length);
            ranges.Add(new KernelSend.Range((nint)vectors[i].Base, new ReadOnlySpan<byte>(vectors[i].Base, part).ToArray()));
            taken += part;
        }

        Sends.Add(new KernelSend(zeroCopy ? _nextIndex++ : null, ranges));
        if (taken == room)
        {
            _writableWanted = true;
        }

        return taken;
    }

    public int ReceiveNotification(out ZeroCopyNotification notification)
    {
        notification = default;
        if (TakeRefusal(SocketCall.ReceiveNotification, out int refusal))
        {
            return refusal;
        }

        if (!_errorQueue.TryDequeue(out notification))
        {
            return -Errno.EAGAIN;
        }

        uint low = notification.Low, length = notification.High - notification.Low;
        foreach (KernelSend send in Sends)
        {
            if (send.Index is uint index && index - low <= length)
            {
                send.IsReported = true;
            }
        }

        return 1;
    }

    public int ShutdownWrites()
    {
        if (TakeRefusal(SocketCall.Shutdown, out int refusal))
        {
            return refusal;
        }

        if (IsDead)
        {
            return -Errno.ENOTCONN;
        }

        _finSent = true;
        return 0;
    }

    public int Disconnect()
    {
        if (TakeRefusal(SocketCall.Disconnect, out int refusal))
        {
            return refusal;
        }

        IsDisconnected = true;
        Die();
        return 0;
    }

    public int TakePendingError()
    {
        int error = _error;
        _error = 0;
        return error;
    }

    public void Close()
    {
        CheckOpen();
        IsClosed = true;
    }

    /// <summary>Every call comes through here: the descriptor's number may be somebody else's by now.</summary>
    public void CheckOpen()
    {
        if (IsClosed)
        {
            Misuse ??= "A call on a closed descriptor.";
        }
    }

    /// <summary>Called by the peer's RST and by a disconnect: nothing more goes out; what was sent by reference stays referenced until it is freed.</summary>
    private void Die()
    {
        IsDead = true;
        foreach (KernelSend send in Sends)
        {
            send.IsPurged |= send.Acknowledged < send.Length;
        }

        Edge(ReadyEvents.Readable | ReadyEvents.Writable | ReadyEvents.HangUp | ReadyEvents.Error);
    }

    private bool TakeRefusal(SocketCall call, out int result)
    {
        CheckOpen();
        bool refused = Refusals.Remove(call, out int errno);
        result = -errno;
        return refused;
    }
}
