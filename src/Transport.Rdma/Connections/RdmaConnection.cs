using System.Net;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>
/// An id of the connection manager, its queue pair of verbs, and their one life. Counts every work request from its post to its completion, signalled or not.
/// On the loop, but for what says otherwise.
/// </summary>
/// <remarks>
/// <code>
///  opening ──Established──► live ──teardown──► quiescing ──commands done──► flushing ──sends done──► disconnected, ERR
///     │                                                                        │ FlushTimeout,          │ all counted, last WQE
///     │                                                                        │ peer gone              │ (or its deadline)
///     └───────────────────────────────────────────── abort ────────────────────┴────────────────────────┴──► destroying ──► fenced
///                                                                                (another thread: queue pair, then id)
/// </code>
/// Two references of the lifecycle are the connection's own from its birth until it is fenced: a transmission, so that no stage ends before the queue pair is
/// destroyed, and a registration for its place in the tables of loop and adapter. Destroying is in no other place.
/// </remarks>
internal sealed partial class RdmaConnection
{
    private readonly RdmaLoop _loop;
    private readonly CmId _id;
    private readonly IRdmaConnectionOwner _owner;
    private ConnectionHandle _handle;
    private DeviceContext? _device;
    private CompletionPoller? _poller;
    private AdapterQueuePair? _queuePair;
    private ConnectionShape _shape;
    private uint _number;
    private int _reserved;

    public RdmaConnection(RdmaLoop loop, CmId id, IRdmaConnectionOwner owner, string name)
    {
        _loop = loop;
        _id = id;
        _owner = owner;
        _work = new PostedWork<Work>(loop.Thread, this);
        _drainTimer = new DrainTimer(this);
        _receiveTimer = new ReceiveTimer(this);
        RemoteEndPoint = id.RemoteEndPoint;
        LocalEndPoint = id.LocalEndPoint;
        Lifecycle = new QueuePairLifecycle(name, this, loop.Transport.Options.DrainDeadlines, loop.Transport.Options.TimeProvider);
        Lifecycle.TryAcquire(ReferenceKind.Transmission);
        Lifecycle.TryAcquire(ReferenceKind.Registration);
        loop.Transport.Add(this);
        loop.Counters.ConnectionsOpened++;
        id.Owner = this;
    }

    public QueuePairLifecycle Lifecycle { get; }

    public RdmaLoop Loop => _loop;

    public CmId Id => _id;

    /// <summary>The adapter, once opened.</summary>
    public DeviceContext? Device => _device;

    public EndPoint? LocalEndPoint { get; set; }

    public EndPoint? RemoteEndPoint { get; set; }

    /// <summary>What broke the connection first; null when nothing did.</summary>
    public Exception? Error { get; private set; }

    /// <summary>The peer can be reached, as far as is known.</summary>
    public bool CanPost => !_postingEnded && !_peerGone && _queuePair is not null;

    /// <summary>Creates the queue pair and posts its receives.</summary>
    /// <returns>Null, or what failed; what was made goes with the connection's end.</returns>
    public IOException? Open(DeviceContext device, in ConnectionShape shape)
    {
        _shape = shape;
        _device = device;
        _reserved = shape.SendDepth + (shape.Shared ? 0 : shape.ReceiveDepth);
        int result = _loop.TryReserve(device, _reserved, shape.Shared, out _poller);
        if (result < 0)
        {
            _reserved = 0;
            return ErrorText.Exception("ibv_create_cq", result);
        }

        if (!_loop.Connections.TryAdd(this, out _handle))
        {
            return new IOException("Too many connections on one loop.");
        }

        RegisteredPool registered = device.Local;
        _operations = SendOperations.TryCreate(_loop.Transport.Pool, registered, shape.Priority, shape.Operations, shape.SendHeaderSize);
        _receives = shape.Shared
            ? null
            : ReceiveBuffers.TryCreate(_loop.Transport.Pool, registered, shape.Priority, shape.ReceiveDepth, shape.ReceiveHeaderSize, shape.ReceiveDataSize);
        if (_operations is null || (_receives is null && !shape.Shared))
        {
            return new IOException("There is not enough registered memory for the queue pair's capsules.");
        }

        var attributes = new QueuePairAttributes(
            _poller!.Queue, shape.Shared ? _poller.SharedReceives!.Queue : null, shape.SendDepth, shape.Shared ? 0 : shape.ReceiveDepth, this);
        result = _id.CreateQueuePair(attributes, out _queuePair);
        if (result < 0)
        {
            return ErrorText.Exception("rdma_create_qp", result);
        }

        _number = _queuePair!.Number;
        _poller.Add(this, _number);
        for (int i = 0; i < (_receives?.Count ?? 0); i++)
        {
            PostReceive(_receives![i]);
        }

        return null;
    }

    /// <summary>An event of the connection manager, acknowledged, under an event reference.</summary>
    public void OnCmEvent(in CmEvent cmEvent)
    {
        if (_destroyBegun)
        {
            _loop.Counters.LateEvents++;
            return;
        }

        try
        {
            Handle(in cmEvent);
        }
        catch (Exception exception)
        {
            OnFailure(exception);
        }
    }

    private void Handle(in CmEvent cmEvent)
    {
        switch (cmEvent.Type)
        {
            case ConnectionEventType.AddressResolved or ConnectionEventType.RouteResolved:
                if (Lifecycle.State == QueuePairState.Connecting)
                {
                    _owner.OnResolved(in cmEvent);
                }

                break;
            case ConnectionEventType.Established:
                if (Lifecycle.TryGoLive())
                {
                    LocalEndPoint ??= _id.LocalEndPoint;
                    _owner.OnEstablished(in cmEvent);
                }

                break;
            case ConnectionEventType.Disconnected:
                LosePeer(TeardownCause.HostClosed, null);
                break;
            case ConnectionEventType.DeviceRemoval:
                AbortBecause(TeardownCause.DeviceRemoved, new IOException("The RDMA device was removed."));
                break;
            case ConnectionEventType.TimewaitExit:
                break;
            default:
                LosePeer(TeardownCause.ConnectionReset, ConnectFailure.Of(in cmEvent));
                break;
        }
    }

    /// <summary>Nothing reaches the peer any more: no use in flushing.</summary>
    private void LosePeer(TeardownCause cause, Exception? error)
    {
        _peerGone = true;
        Error ??= error;
        Lifecycle.BeginTeardown(cause, error);
        AdvanceDrain();
    }
}
