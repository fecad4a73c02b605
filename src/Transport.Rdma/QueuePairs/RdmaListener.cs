using System.Net;
using System.Threading.Channels;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>A listening id on one loop, whose connections go round all loops.</summary>
internal sealed class RdmaListener : IQueuePairListener
{
    private readonly RdmaTransport _transport;
    private readonly PendingQueuePairs _pending;
    private readonly RdmaLoop _loop;
    private readonly Channel<QueuePair> _accepted = Channel.CreateUnbounded<QueuePair>();
    private CmId? _id;
    private Task? _unbinding;

    private RdmaListener(RdmaTransport transport, PendingQueuePairs pending, RdmaLoop loop, RdmaEndPoint endPoint)
    {
        _transport = transport;
        _pending = pending;
        _loop = loop;
        EndPoint = endPoint;
    }

    public RdmaLoop Loop => _loop;

    public EndPoint EndPoint { get; private set; }

    public NvmeTransportType TransportType => NvmeTransportType.Rdma;

    /// <returns>The listener, or a negative errno.</returns>
    /// <exception cref="ObjectDisposedException">The transport is being disposed of.</exception>
    public static async Task<(RdmaListener? Listener, int Result)> BindAsync(RdmaTransport transport, PendingQueuePairs pending, RdmaEndPoint endPoint)
    {
        RdmaListener? listener = null;
        int result = 0;
        await transport.RunAsync(loop =>
        {
            var made = new RdmaListener(transport, pending, loop, endPoint);
            result = made.Listen(endPoint.IPEndPoint);
            if (result >= 0)
            {
                listener = made;
                transport.Add(made);
            }
        }).ConfigureAwait(false);
        return (listener, result);
    }

    /// <summary>Rejects a connection request and ends its id.</summary>
    public static void Refuse(CmId id, RejectReason reason)
    {
        Span<byte> privateData = stackalloc byte[RejectPrivateData.Size];
        RejectPrivateData.Write(privateData, reason);
        _ = id.Reject(privateData);
        _ = id.Destroy();
    }

    /// <summary>A connection request, acknowledged. On the loop.</summary>
    public void OnConnectRequest(in CmEvent request)
    {
        RejectReason? refusal = ConnectPrivateData.Read(
            request.PrivateData[..request.PrivateDataLength], _transport.Options.MaxQueueSize, out ConnectPrivateData privateData);
        refusal ??= request.InitiatorDepth == 0 ? RejectReason.InvalidInboundReadDepth : null;
        refusal ??= request.Id.Device is null ? RejectReason.NoResources : null;
        if (refusal is not null)
        {
            Refuse(request.Id, _loop, refusal.Value);
            return;
        }

        RdmaLoop loop = _transport.NextLoop();
        var accept = new Acceptance(this, loop, request.Id, privateData, request.InitiatorDepth);
        if (loop == _loop)
        {
            accept.Execute();
        }
        else if (request.Id.Migrate(loop.Channel) < 0)
        {
            Refuse(request.Id, _loop, RejectReason.NoResources);
        }
        else
        {
            loop.Thread.Post(accept);
        }
    }

    /// <summary>Another event of the listening id. On the loop.</summary>
    public void OnEvent(in CmEvent cmEvent)
    {
        if (cmEvent.Type is not (ConnectionEventType.AddressChange or ConnectionEventType.DeviceRemoval) || _id is null)
        {
            return;
        }

        // The address moved (bonding), or the device is gone: an id is bound to its device, so listen anew.
        _ = _id.Destroy();
        _id = null;
        int result = Listen(((RdmaEndPoint)EndPoint).IPEndPoint);
        if (result < 0)
        {
            RdmaLog.ListenerLost(_transport.Logger, EndPoint, ErrorText.Of(result));
            _accepted.Writer.TryComplete();
        }
    }

    /// <summary>Its loop ended first: no request will be heard of any more. On the loop.</summary>
    public void OnLoopEnded()
    {
        ObjectDisposedException error = _loop.Thread.EndedException();
        RdmaLog.ListenerLost(_transport.Logger, EndPoint, error.Message);
        _accepted.Writer.TryComplete(error);
    }

    /// <summary>A queue pair is established: hands it out, or closes it when nobody takes it any more.</summary>
    public void Offer(RdmaQueuePair queuePair)
    {
        if (!_accepted.Writer.TryWrite(queuePair))
        {
            queuePair.Close(TeardownCause.ListenerRemoved);
        }
    }

    public async ValueTask<QueuePair?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    /// <remarks>Once: when the transport is disposed it has been done, and the loop that did it is gone.</remarks>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        lock (_accepted)
        {
            return new ValueTask(_unbinding ??= UnbindOnceAsync());
        }
    }

    private async Task UnbindOnceAsync()
    {
        _accepted.Writer.TryComplete();
        await LoopAction.RunAsync(_loop.Thread, () =>
        {
            CmId? id = _id;
            _id = null;
            _ = id?.Destroy();
        }).ConfigureAwait(false);
        _transport.Remove(this);
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        while (_accepted.Reader.TryRead(out QueuePair? queuePair))
        {
            queuePair.Close(TeardownCause.ListenerRemoved);
        }
    }

    private int Listen(IPEndPoint endPoint)
    {
        int result = _loop.Channel.CreateId(out CmId? id);
        if (result < 0)
        {
            return result;
        }

        id!.Owner = this;
        result = id.Bind(endPoint);
        result = result < 0 ? result : id.Listen(_transport.Options.Backlog);
        if (result < 0)
        {
            _ = id.Destroy();
            return result;
        }

        _id = id;
        EndPoint = id.LocalEndPoint is { } local ? new RdmaEndPoint(endPoint.Address, local.Port) : EndPoint;
        return 0;
    }

    private void Refuse(CmId id, RdmaLoop loop, RejectReason reason)
    {
        loop.Counters.Rejected++;
        RdmaLog.Rejected(_transport.Logger, EndPoint, id.RemoteEndPoint, reason.ToString());
        Refuse(id, reason);
    }

    /// <summary>A checked request on the way to its loop.</summary>
    private sealed class Acceptance(RdmaListener listener, RdmaLoop loop, CmId id, ConnectPrivateData privateData, int readDepth) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            if (loop.Thread.HasEnded)
            {
                listener.Refuse(id, loop, RejectReason.NoResources);
                return;
            }

            var queuePair = new RdmaQueuePair(listener, listener._pending, loop, id, privateData, readDepth);
            if (queuePair.Accept() is { } error)
            {
                loop.Counters.Rejected++;
                RdmaLog.Rejected(loop.Transport.Logger, listener.EndPoint, queuePair.RemoteEndPoint, error.Message);
            }
        }
    }
}
