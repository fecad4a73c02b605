using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>The controller's side of an NVMe/RDMA queue pair.</summary>
/// <remarks>
/// <code>
///  Accepting ──Established──► Offered ──Start──► AwaitingConnect ──OnConnected──► Connected ──teardown──► Ended
///     │ HandshakeTimeout         │ capsules are held  │ ConnectTimeout                                     ▲
///     └──────────────────────────┴────────────────────┴────────────────────────────────────────────────────┘
/// </code>
/// Capsules may arrive before Established and before the handler is there; they wait in their receives. The life itself is <see cref="Lifecycle"/>.
/// </remarks>
internal sealed partial class RdmaQueuePair : QueuePair, IRdmaConnectionOwner, IThreadPoolWorkItem
{
    private readonly RdmaListener _listener;
    private readonly PendingQueuePairs _pending;
    private readonly RdmaConnection _connection;
    private readonly RdmaTransportOptions _options;
    private readonly ILogger _logger;
    private readonly ConnectPrivateData _privateData;
    private readonly ConnectDeadline _deadline;
    private readonly RdmaQueuePairCommand[] _commands;
    private IQueuePairHandler? _handler;
    private RdmaQueuePairCommand? _freeCommands;
    private Phase _phase;

    public RdmaQueuePair(
        RdmaListener listener, PendingQueuePairs pending, RdmaLoop loop, CmId id, in ConnectPrivateData privateData, int readDepth)
    {
        _listener = listener;
        _pending = pending;
        _options = loop.Transport.Options;
        _logger = loop.Transport.Logger;
        _privateData = privateData;
        PendingNode = new LinkedListNode<RdmaQueuePair>(this);
        _commands = new RdmaQueuePairCommand[privateData.HostSubmissionQueueSize];
        _connection = new RdmaConnection(loop, id, this, RdmaTransport.NextName());
        _connection.ReadDepth = Math.Min(readDepth, Math.Min(_options.MaxReadDepth, id.Device!.Limits.MaxReadsAsInitiator));
        _deadline = new ConnectDeadline(_connection);
        Capabilities = new QueuePairCapabilities(
            _options.InCapsuleDataSize,
            _options.MaxDataTransferSize,
            _options.MaxQueueSize,
            _options.MaxSglDescriptors,
            KeyedSgl: true,
            InCapsuleOffset: true);
        for (int i = _commands.Length - 1; i >= 0; i--)
        {
            _commands[i] = new RdmaQueuePairCommand(this) { NextFree = _freeCommands };
            _freeCommands = _commands[i];
        }
    }

    private enum Phase
    {
        Accepting,
        Offered,
        AwaitingConnect,
        Connected,
        Ended,
    }

    public LinkedListNode<RdmaQueuePair> PendingNode { get; }

    public override string Id => Lifecycle.Id;

    public override NvmeTransportType TransportType => NvmeTransportType.Rdma;

    public override EndPoint? LocalEndPoint => _connection.LocalEndPoint;

    public override EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    public override QueuePairLifecycle Lifecycle => _connection.Lifecycle;

    public override QueuePairCapabilities Capabilities { get; }

    public override bool IsOnLoop => _connection.Loop.Thread.IsCurrent;

    internal RdmaConnection Connection => _connection;

    public override void Post(IThreadPoolWorkItem item) => _connection.Loop.Thread.Post(item);

    /// <summary>Opens the queue pair and accepts, or rejects. On the loop.</summary>
    /// <returns>Null, or why it was rejected; the queue pair ends by itself then.</returns>
    public IOException? Accept()
    {
        AdapterDevice device = _connection.Id.Device!;
        int depth = _commands.Length;
        int sendDepth = Math.Min((2 * depth) + _options.MaxSglDescriptors + 1, device.Limits.MaxQueuePairWorkRequests);
        var shape = new ConnectionShape(
            sendDepth,
            Operations: Math.Min(2 * depth, sendDepth),
            CompletionQueueEntry.Size,
            depth,
            SubmissionQueueEntry.Size,
            _options.InCapsuleDataSize,
            _options.UseSharedReceiveQueue && device.Limits.MaxSharedReceiveQueueWorkRequests > 0,
            _privateData.QueueId == 0 ? BufferPriority.Administration : BufferPriority.InputOutput);
        IOException? error = sendDepth <= _options.MaxSglDescriptors || depth > device.Limits.MaxQueuePairWorkRequests
            ? new IOException("The device's queues are too short.")
            : _connection.Open(_connection.Loop.Transport.Use(device), shape);
        if (error is not null)
        {
            Span<byte> reject = stackalloc byte[RejectPrivateData.Size];
            RejectPrivateData.Write(reject, RejectReason.NoResources);
            _ = _connection.Id.Reject(reject);
        }
        else
        {
            Span<byte> accept = stackalloc byte[AcceptPrivateData.Size];
            AcceptPrivateData.Write(accept, depth);

            // Reads are the controller's to begin, never the host's.
            int result = _connection.Id.Accept(
                new ConnectionParameters(ResponderResources: 0, (byte)_connection.ReadDepth, RetryCount: 7, RnrRetryCount: 7), accept);
            error = result < 0 ? ErrorText.Exception("rdma_accept", result) : null;
        }

        if (error is not null)
        {
            _connection.AbortBecause(TeardownCause.InternalError, error);
            return error;
        }

        // Its memory is taken: one that is never established must not cost more than one that never sends its Connect.
        _pending.Add(this);
        _deadline.Start(_options.HandshakeTimeout, "The host did not establish the connection in time.");
        return null;
    }

    public override void Start(IQueuePairHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (Interlocked.CompareExchange(ref _handler, handler, null) is not null)
        {
            throw new InvalidOperationException("The queue pair has been started.");
        }

        // The connection's own registration keeps it until its end, and what comes later finds it ended.
        Post(this);
    }

    public override void OnConnected(in QueuePairParameters parameters)
    {
        EnsureOnLoop();
        if (_phase == Phase.Ended)
        {
            return;
        }

        if (_phase != Phase.AwaitingConnect)
        {
            throw new InvalidOperationException("The queue pair is connected, or has not been started.");
        }

        _phase = Phase.Connected;
        _deadline.Stop();
        _pending.Remove(this);
    }

    void IRdmaConnectionOwner.OnResolved(in CmEvent cmEvent)
    {
    }

    void IRdmaConnectionOwner.OnEstablished(in CmEvent cmEvent)
    {
        _phase = Phase.Offered;
        _deadline.Start(_options.ConnectTimeout, "The host sent no Connect command in time.");
        RdmaLog.Established(_logger, Id, RemoteEndPoint, _commands.Length, 2 * _commands.Length, _connection.ReadDepth);
        _listener.Offer(this);
    }

    /// <summary>Start, on the loop.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_phase == Phase.Offered)
        {
            _phase = Phase.AwaitingConnect;
            _connection.EnterBatch();
            ExecuteHeld();
            _connection.EndBatch();
        }
        else if (_phase == Phase.Ended)
        {
            TellEnd();
        }
    }

    private void EnsureOnLoop()
    {
        if (!IsOnLoop)
        {
            throw new InvalidOperationException("This member must be called on the queue pair's loop.");
        }
    }
}
