using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>The host's side of an NVMe/TCP queue pair, over any <see cref="IOwnedMemoryConnectionFeature"/>.</summary>
/// <remarks>
/// <code>
///  AwaitingICResp ──ICResp──► Live ──fault (H2CTermReq), teardown by anybody──► Ended: every command completes with an exception,
///        └───────────────────────────────────────────────────────────────────►        and is released when its data is proven free
/// </code>
/// </remarks>
internal sealed partial class TcpHostQueuePair : HostQueuePair, IOwnedMemoryConnectionHandler, IPduSink, IThreadPoolWorkItem
{
    // Until Identify Controller said otherwise: the data of the Connect command, which must travel in the capsule.
    private const int ConnectDataSize = 1024;

    private readonly ConnectionContext _context;
    private readonly IOwnedMemoryConnectionFeature _connection;
    private readonly ILogger _logger;
    private readonly bool _isAdmin;
    private readonly DigestFlags _requestedDigests;
    private readonly PduReceiver _receiver;
    private readonly CommandReferences _references;
    private readonly HostSubmissions<TcpHostSubmission> _submissions;
    private readonly TaskCompletionSource _handshake = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Phase _phase;
    private PduFraming _sendFraming = PduFraming.Handshake;
    private uint _maxHostToControllerData;
    private bool _exchangeEnded;

    // Bytes ever appended; without those still unsent, as far as the controller can have read.
    private long _appended;

    public TcpHostQueuePair(ConnectionContext context, IOwnedMemoryConnectionFeature connection, HostQueuePairOptions options, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueSize, 2, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.QueueSize, HostQueuePairOptions.MaxQueueSize, nameof(options));
        _context = context;
        _connection = connection;
        _logger = logger;
        _isAdmin = options.IsAdmin;
        _requestedDigests = (options.HeaderDigest ? DigestFlags.Header : 0) | (options.DataDigest ? DigestFlags.Data : 0);
        _receiver = new PduReceiver(connection, this, isController: false, maxCapsuleData: 0);
        _references = new CommandReferences(Lifecycle);
        _submissions = new HostSubmissions<TcpHostSubmission>(options.QueueSize, Fail);
        InCapsuleDataSize = options.IsAdmin ? TcpQueuePairSettings.AdminInCapsuleDataSize : ConnectDataSize;
    }

    private enum Phase
    {
        AwaitingICResp,
        Live,
        Ended,
    }

    public override string Id => _context.ConnectionId;

    public override NvmeTransportType TransportType => NvmeTransportType.Tcp;

    public override EndPoint? RemoteEndPoint => _context.RemoteEndPoint;

    public override QueuePairLifecycle Lifecycle => _connection.Lifecycle;

    public override int InCapsuleDataSize { get; set; }

    public override bool IsOnLoop => _connection.IsOnLoop;

    /// <summary>Ends with the ICResp, or with what went wrong before it.</summary>
    public Task Handshake => _handshake.Task;

    // In Draining the stream ends: nothing may follow.
    private bool CanSend => !_exchangeEnded && Lifecycle.State <= QueuePairState.Quiescing;

    public override void Post(IThreadPoolWorkItem item) => _connection.Post(item);

    public override void Flush() => _connection.Flush();

    /// <summary>Takes the connection over and sends the ICReq. Any thread, once.</summary>
    public void Start()
    {
        _connection.Attach(this);
        if (Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            _connection.Post(this);
        }
        else
        {
            _handshake.TrySetException(new ConnectionAbortedException("The connection ended before the handshake."));
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (CanSend)
        {
            ICReqPdu request = ICReqPdu.Create(_requestedDigests);
            MemoryMarshal.Write(AppendHeader(ICReqPdu.Size), in request);
            _connection.Flush();
        }

        Lifecycle.Release(ReferenceKind.Event);
    }

    private Span<byte> AppendHeader(int length)
    {
        _appended += length;
        return _connection.AppendHeader(length);
    }

    private void AddHeaderDigest(Span<byte> pdu, int headerSize)
    {
        if (_sendFraming.HeaderDigest)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(pdu[headerSize..], Crc32C.Compute(pdu[..headerSize]));
        }
    }
}
