using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>The controller's side of an NVMe/TCP queue pair, over any <see cref="IOwnedMemoryConnectionFeature"/>.</summary>
/// <remarks>
/// <code>
///  AwaitingICReq ──ICReq / ICResp──► AwaitingConnect ──OnConnected──► Connected
///     │ HandshakeTimeout                 │ ConnectTimeout               │
///     └──────────────────┬───────────────┴──────────────────────────────┘
///                        ▼ fault (C2HTermReq), teardown by anybody
///                      Ended: nothing is received any more. Completions are still sent while the lifecycle is Quiescing,
///                      unless a termination request has ended the exchange.
/// </code>
/// The life itself is <see cref="Lifecycle"/>, which the connection drives.
/// </remarks>
internal sealed partial class TcpQueuePair : QueuePair, IOwnedMemoryConnectionHandler, IPduSink
{
    private readonly ConnectionContext _context;
    private readonly IOwnedMemoryConnectionFeature _connection;
    private readonly TcpQueuePairSettings _settings;
    private readonly PendingConnections _pending;
    private readonly ILogger _logger;
    private readonly HandshakeDeadline _deadline;
    private readonly PduReceiver _receiver;
    private readonly CapsuleBuffers _capsuleBuffers;
    private readonly CommandReferences _references;
    private readonly CommandSlots _slots;
    private readonly HostDataWatch _hostDataWatch;
    private IQueuePairHandler? _handler;

    private Phase _phase;
    private QueuePairParameters _parameters = new(0, 1, SubmissionQueueFlowControlDisabled: false);

    public TcpQueuePair(
        ConnectionContext context,
        IOwnedMemoryConnectionFeature connection,
        BufferPool pool,
        TcpQueuePairSettings settings,
        PendingConnections pending,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _context = context;
        _connection = connection;
        _settings = settings;
        _pending = pending;
        _logger = logger;
        _deadline = new HandshakeDeadline(Lifecycle, timeProvider);
        _receiver = new PduReceiver(connection, this, isController: true, (uint)settings.Capabilities.MaxDataTransferSize);
        _capsuleBuffers = new CapsuleBuffers(connection, pool);
        _references = new CommandReferences(Lifecycle);
        _slots = new CommandSlots(this);
        _hostDataWatch = new HostDataWatch(connection, _slots, timeProvider, settings.HostDataTimeout, settings.HostTransferTimeout);
        _unacceptedResponses = new ResponseLedger();
    }

    private enum Phase
    {
        AwaitingICReq,
        AwaitingConnect,
        Connected,
        Ended,
    }

    public override string Id => _context.ConnectionId;

    public override NvmeTransportType TransportType => NvmeTransportType.Tcp;

    public override EndPoint? LocalEndPoint => _context.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => _context.RemoteEndPoint;

    public override QueuePairLifecycle Lifecycle => _connection.Lifecycle;

    public override QueuePairCapabilities Capabilities => _settings.Capabilities;

    public override bool IsOnLoop => _connection.IsOnLoop;

    public override void Post(IThreadPoolWorkItem item) => _connection.Post(item);

    public override void Start(IQueuePairHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new InvalidOperationException("The queue pair has been started.");
        }

        _deadline.Restart(_settings.HandshakeTimeout, "The host sent no ICReq in time.");
        _connection.Attach(this);
    }

    public override void OnConnected(in QueuePairParameters parameters)
    {
        EnsureOnLoop();
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters.QueueSize, 2, nameof(parameters));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parameters.QueueSize, TcpQueuePairSettings.LargestQueueSize, nameof(parameters));
        if (_phase == Phase.Ended)
        {
            return;
        }

        if (_phase != Phase.AwaitingConnect)
        {
            throw new InvalidOperationException("The queue pair is connected, or has had no handshake.");
        }

        _phase = Phase.Connected;
        _parameters = parameters;
        _unacceptedResponses.Resize(parameters.QueueSize);
        _deadline.Stop();
        _pending.Remove(this);
        Log.Connected(_logger, Id, parameters.QueueId, parameters.QueueSize);
    }

    private void EnsureOnLoop()
    {
        if (!_connection.IsOnLoop)
        {
            throw new InvalidOperationException("This member must be called on the queue pair's loop.");
        }
    }
}
