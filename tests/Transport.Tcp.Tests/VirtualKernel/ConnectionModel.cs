using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>
/// One run: a real <see cref="TcpConnection"/> on the <see cref="KernelModel"/>, driven step by step on one thread, with all invariants checked after
/// each step.
/// </summary>
internal sealed partial class ConnectionModel
{
    private static readonly int[] Lengths = [1, 8, 100, 512, 4095, 4096, 5000, 16384, 20000, 65536];
    private static readonly int[] SendErrors = [Errno.EAGAIN, Errno.EINTR, Errno.EAGAIN, Errno.ENOMEM, Errno.ECONNRESET, Errno.EPIPE, Errno.ENOBUFS, Errno.ETIMEDOUT];
    private static readonly int[] ZeroCopyErrors = [Errno.ENOBUFS, Errno.ENOBUFS, Errno.ENOMEM, Errno.EFAULT, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.EMSGSIZE, Errno.EAGAIN, Errno.ECONNRESET];
    private static readonly int[] ReceiveErrors = [Errno.EAGAIN, Errno.EINTR, Errno.EAGAIN, Errno.ENOMEM, Errno.ECONNRESET, Errno.ETIMEDOUT];
    private static readonly SocketCall[] OtherCalls = [SocketCall.ReceiveNotification, SocketCall.Shutdown, SocketCall.Disconnect];
    private static readonly int[] OtherErrors = [Errno.EINTR, Errno.ENOMEM, Errno.ENOTCONN, Errno.ECONNRESET, Errno.EAGAIN];

    private static readonly TeardownCause[] Causes = [.. Enum.GetValues<TeardownCause>().Where(cause => cause is not (TeardownCause.None or TeardownCause.InternalError))];

    private readonly ConnectionModelHost _host;
    private readonly Random _content;
    private readonly TcpConnection _connection;
    private readonly VirtualHandler _handler;
    private readonly List<SentLease> _leases = [];
    private readonly List<byte> _appended = [];
    private readonly List<byte> _peerSent = [];
    private readonly long _failures;
    private int _commands;
    private bool _isPaused;

    public ConnectionModel(ConnectionModelHost host, ModelSettings settings, Func<KernelModel, TcpSocket, TcpSocket>? mutation = null)
    {
        _host = host;
        _content = new Random(settings.Content);
        _failures = host.Loop.Statistics.Failures;
        _quarantinedBefore = host.Pool.Statistics.QuarantinedBytes;
        Kernel = new KernelModel(settings.FirstIndex, settings.SendBuffer);
        TcpSocket socket = new VirtualTcpSocket(Kernel, settings.HasZeroCopy);
        _connection = host.Transport.Add(host.Transport.Loops[0], mutation?.Invoke(Kernel, socket) ?? socket);
        _handler = new VirtualHandler(_connection, Rent) { LastWords = () => AppendManyPieces(settings.Content % 8, settings.Content) };
        Lifecycle.TryGoLive();
        _connection.Attach(_handler);
        Step(() => host.Loop.RunBatch());
    }

    public KernelModel Kernel { get; }

    /// <summary>After <see cref="End"/>.</summary>
    public DrainReport Report => _handler.Report!;

    public QueuePairLifecycle Lifecycle => _connection.Lifecycle;

    public void Run(Operation operation) => Step(() => Perform(operation));

    private void Perform(Operation operation)
    {
        (OperationKind kind, int a, int b) = operation;
        switch (kind)
        {
            case OperationKind.AppendData: OnLoop(() => Append(Lengths[a % Lengths.Length])); break;
            case OperationKind.AppendHeader: OnLoop(() => AppendHeader((a % 72) + 1)); break;
            case OperationKind.AppendManyPieces: OnLoop(() => AppendManyPieces(a % 40, b)); break;
            case OperationKind.Flush: OnLoop(_connection.Flush); break;
            case OperationKind.ReceiveInto: _handler.WantsInto = Lengths[a % Lengths.Length]; break;
            case OperationKind.PauseOrResume: OnLoop(PauseOrResume); break;
            case OperationKind.BeginCommand: BeginCommand(); break;
            case OperationKind.EndCommand: EndCommand(); break;
            case OperationKind.BeginTeardown: BeginTeardown(Causes[a % Causes.Length]); break;
            case OperationKind.AbortLifecycle: Lifecycle.Abort(); break;
            case OperationKind.AbortConnection: _connection.Abort(); break;
            case OperationKind.TimePasses: _host.Clock.Advance(TimeSpan.FromMilliseconds(a % 8 == 0 ? b % 400 : b % 40)); break;
            case OperationKind.RunLoop: _host.Loop.RunBatch(); break;
            case OperationKind.DeliverReadiness: DeliverReadiness(); break;
            case OperationKind.DeliverSpuriousReadiness: DeliverSpuriousReadiness(a); break;
            case OperationKind.PeerSends: PeerSends(Lengths[a % Lengths.Length]); break;
            case OperationKind.PeerAcknowledges: Kernel.Acknowledge(a % 4 == 0 ? int.MaxValue : b * 64); break;
            case OperationKind.PeerSendsFin: Kernel.PeerSendsFin(); break;
            case OperationKind.PeerSendsReset: Kernel.PeerSendsReset(); break;
            case OperationKind.Transmit: Kernel.Transmit(a % 4 == 0 ? int.MaxValue : b * 64); break;
            case OperationKind.Free: Kernel.Free(a); break;
            case OperationKind.Notify: Kernel.Notify(0, (b % 8) + 1, a % 2 == 0); break;
            case OperationKind.NotifyOutOfOrder: Kernel.Notify(a, (b % 3) + 1, a % 2 == 0); break;
            case OperationKind.NotifyAgain: NotifyAgain(a); break;
            case OperationKind.RefuseSend: Kernel.Refuse(SocketCall.Send, SendErrors[a % SendErrors.Length]); break;
            case OperationKind.RefuseZeroCopy: Kernel.Refuse(SocketCall.SendZeroCopy, ZeroCopyErrors[a % ZeroCopyErrors.Length]); break;
            case OperationKind.RefuseReceive: Kernel.Refuse(SocketCall.Receive, ReceiveErrors[a % ReceiveErrors.Length]); break;
            case OperationKind.RefuseOther: Kernel.Refuse(OtherCalls[a % OtherCalls.Length], OtherErrors[b % OtherErrors.Length]); break;
        }
    }

    private void Append(int length)
    {
        BufferLease data = Rent(length);
        _content.NextBytes(data.Span);
        if (!_connection.IsDraining)
        {
            _appended.AddRange(data.Span);
        }

        var lease = new SentLease(this, data);
        _leases.Add(lease);
        _connection.Append(data, lease);
    }

    private void AppendHeader(int length)
    {
        bool isSent = !_connection.IsDraining;
        Span<byte> header = _connection.AppendHeader(length);
        _content.NextBytes(header);
        if (isSent)
        {
            _appended.AddRange(header);
        }
    }

    private void AppendManyPieces(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            if (random.Next(2) == 0)
            {
                AppendHeader(24);
            }
            else
            {
                Append(Lengths[random.Next(Lengths.Length - 2)]);
            }
        }
    }

    private void PauseOrResume()
    {
        if (Lifecycle.State == QueuePairState.Closed)
        {
            return;
        }

        if (_isPaused)
        {
            _connection.ResumeReceive();
        }
        else
        {
            _connection.PauseReceive();
        }

        _isPaused = !_isPaused;
    }

    private void BeginCommand()
    {
        if (Lifecycle.TryAcquire(ReferenceKind.Command))
        {
            _commands++;
        }
    }

    private void EndCommand()
    {
        if (_commands == 0)
        {
            return;
        }

        _commands--;
        Lifecycle.Release(ReferenceKind.Command);
    }

    private void BeginTeardown(TeardownCause cause) => Lifecycle.BeginTeardown(cause);

    private void DeliverReadiness()
    {
        if (Kernel.TakeReady() is not EventLoop.ReadyEvents.None and var events)
        {
            _host.Loop.RunBatch(Kernel.Handler, events);
        }
    }

    /// <summary>epoll may report what is over by the time it is looked at.</summary>
    private void DeliverSpuriousReadiness(int a)
    {
        ReadOnlySpan<EventLoop.ReadyEvents> kinds = [EventLoop.ReadyEvents.Readable, EventLoop.ReadyEvents.Writable, EventLoop.ReadyEvents.Error];
        if (Kernel.Handler is { } handler)
        {
            _host.Loop.RunBatch(handler, kinds[a % kinds.Length]);
        }
    }

    private void PeerSends(int length)
    {
        if (!Kernel.PeerMaySend)
        {
            return;
        }

        byte[] bytes = new byte[length];
        _content.NextBytes(bytes);
        _peerSent.AddRange(bytes);
        Kernel.PeerSends(bytes);
    }

    private void NotifyAgain(int pick)
    {
        List<KernelSend> notified = Kernel.Sends.FindAll(send => send is { Index: not null, IsNotified: true });
        if (notified.Count > 0)
        {
            Kernel.Report(notified[pick % notified.Count].Index!.Value, notified[pick % notified.Count].Index!.Value, wasCopied: false);
        }
    }

    private BufferLease Rent(int length)
    {
        Assert.True(_host.Pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease));
        return lease;
    }

    private void OnLoop(Action action)
    {
        if (Lifecycle.State == QueuePairState.Closed)
        {
            return;
        }

        _connection.Post(new Item(action));
        _host.Loop.RunBatch();
    }

    private sealed class Item(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    /// <summary>A lease on its way out. Told once, and truthfully.</summary>
    private sealed class SentLease(ConnectionModel model, BufferLease data) : IOwnedMemorySendOwner
    {
        private readonly nint _start = Address(data);
        private readonly int _length = data.Length;

        public int Told { get; private set; }

        public void OnSent(bool proven)
        {
            Told++;
            bool referenced = model.Kernel.Sends.Exists(send =>
                !send.IsFree && send.Ranges.Exists(range => range.Address < _start + _length && range.Address + range.Stamp.Length > _start));
            if (proven && referenced)
            {
                model._violation ??= new InvariantException("I1", "An owner was told that its memory is free while the kernel refers to it.");
            }

            if (Told > 1)
            {
                model._violation ??= new InvariantException("I4", "An owner was told twice.");
            }
        }

        private static unsafe nint Address(BufferLease lease) => (nint)lease.Pointer;
    }
}
