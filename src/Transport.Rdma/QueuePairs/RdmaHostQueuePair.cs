using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>The host's side of an NVMe/RDMA queue pair.</summary>
/// <remarks>
/// <code>
///  Resolving ──address, route──► Connecting ──Established──► Live ──teardown──► Ended: every command completes with an exception, and is released
///      └────────────────────────────┴─────────────────────────────────────────►        when its data is out of reach of the controller
/// </code>
/// </remarks>
internal sealed partial class RdmaHostQueuePair : HostQueuePair, IRdmaConnectionOwner
{
    // Address and route are resolved in milliseconds or not at all; the connector's own deadline is behind it.
    private const int ResolveTimeoutMilliseconds = 2000;

    private readonly RdmaConnection _connection;
    private readonly RdmaTransportOptions _options;
    private readonly HostQueuePairOptions _pairOptions;
    private readonly ILogger _logger;
    private readonly HostSubmissions<RdmaHostSubmission> _submissions;
    private readonly TaskCompletionSource _handshake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _live;
    private bool _ended;

    public RdmaHostQueuePair(RdmaLoop loop, CmId id, RdmaEndPoint endPoint, HostQueuePairOptions options)
    {
        _options = loop.Transport.Options;
        _pairOptions = options;
        _logger = loop.Transport.Logger;
        _submissions = new HostSubmissions<RdmaHostSubmission>(options.QueueSize, exception => _connection!.OnFailure(exception));
        RemoteEndPoint = endPoint;
        _connection = new RdmaConnection(loop, id, this, RdmaTransport.NextName());
    }

    public override string Id => Lifecycle.Id;

    public override NvmeTransportType TransportType => NvmeTransportType.Rdma;

    public override EndPoint? RemoteEndPoint { get; }

    public override QueuePairLifecycle Lifecycle => _connection.Lifecycle;

    /// <summary>0 until Identify Controller said otherwise: over RDMA the data of Connect need not travel in the capsule.</summary>
    public override int InCapsuleDataSize { get; set; }

    public override bool IsOnLoop => _connection.Loop.Thread.IsCurrent;

    /// <summary>Ends when the connection is established, or with what went wrong before.</summary>
    public Task Handshake => _handshake.Task;

    internal RdmaConnection Connection => _connection;

    public override void Post(IThreadPoolWorkItem item) => _connection.Loop.Thread.Post(item);

    public override void Flush() => _connection.Flush();

    /// <summary>Begins the way to the controller. On the loop.</summary>
    public void Connect()
    {
        int result = _connection.Id.ResolveAddress(((RdmaEndPoint)RemoteEndPoint!).IPEndPoint, ResolveTimeoutMilliseconds);
        if (result < 0)
        {
            FailConnect("rdma_resolve_addr", result);
        }
    }

    void IRdmaConnectionOwner.OnResolved(in CmEvent cmEvent)
    {
        if (cmEvent.Type == ConnectionEventType.AddressResolved)
        {
            int result = _connection.Id.ResolveRoute(ResolveTimeoutMilliseconds);
            if (result < 0)
            {
                FailConnect("rdma_resolve_route", result);
            }
        }
        else if (_connection.Device is null)
        {
            OpenAndConnect();
        }
    }

    void IRdmaConnectionOwner.OnEstablished(in CmEvent cmEvent)
    {
        if (!AcceptPrivateData.TryRead(cmEvent.PrivateData[..cmEvent.PrivateDataLength], out int controllerReceives))
        {
            Fault("its private data is not that of NVMe/RDMA");
            return;
        }

        _window = Math.Min(_pairOptions.QueueSize, controllerReceives);
        _live = true;
        RdmaLog.Established(_logger, Id, RemoteEndPoint, _pairOptions.QueueSize, 2 * _pairOptions.QueueSize, 0);
        _handshake.TrySetResult();
    }

    private void OpenAndConnect()
    {
        if (_connection.Id.Device is not { } device)
        {
            _connection.AbortBecause(TeardownCause.ConnectionReset, new ConnectionAbortedException("No RDMA device leads to the address."));
            return;
        }

        int depth = _pairOptions.QueueSize;
        int sendDepth = Math.Min(2 * depth, device.Limits.MaxQueuePairWorkRequests);
        var shape = new ConnectionShape(
            sendDepth,
            sendDepth,
            SubmissionQueueEntry.Size,
            depth,
            CompletionQueueEntry.Size,
            ReceiveDataSize: 0,
            Shared: false,
            _pairOptions.IsAdmin ? BufferPriority.Administration : BufferPriority.InputOutput);
        if (_connection.Open(_connection.Loop.Transport.Use(device), shape) is { } error)
        {
            _connection.AbortBecause(TeardownCause.InternalError, error);
            return;
        }

        Span<byte> privateData = stackalloc byte[ConnectPrivateData.Size];
        new ConnectPrivateData(_pairOptions.QueueId, depth, depth, 0).Write(privateData);
        int reads = Math.Min(_options.MaxReadDepth, device.Limits.MaxReadsAsResponder);
        int result = _connection.Id.Connect(
            new ConnectionParameters((byte)reads, InitiatorDepth: 0, RetryCount: 7, RnrRetryCount: 7), privateData);
        if (result < 0)
        {
            FailConnect("rdma_connect", result);
        }
    }

    private void FailConnect(string function, int result) =>
        _connection.AbortBecause(
            TeardownCause.ConnectionReset,
            new ConnectionAbortedException($"{RemoteEndPoint} cannot be reached: {ErrorText.Exception(function, result).Message}"));
}
