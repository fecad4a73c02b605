using System.Net;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <content>The way to a connection.</content>
internal sealed partial class VirtualCmId
{
    // rxe pads the private data of a connection request.
    private const int RequestPrivateDataLength = 56;

    private ConnectionParameters _parameters;

    public override int ResolveAddress(IPEndPoint destination, int timeoutMilliseconds)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_resolve_addr");
            _remote = destination;
            _device = _channel.Stack.VirtualDevice;
            Fabric.Emit(new VirtualCmEvent(this, ConnectionEventType.AddressResolved));
            return 0;
        }
    }

    public override int ResolveRoute(int timeoutMilliseconds)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_resolve_route");
            Fabric.Emit(new VirtualCmEvent(this, ConnectionEventType.RouteResolved));
            return 0;
        }
    }

    public override int CreateQueuePair(in QueuePairAttributes attributes, out AdapterQueuePair? queuePair)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_create_qp");
            queuePair = _queuePair = new VirtualQueuePair(_device!, this, attributes);
            return 0;
        }
    }

    public override int Connect(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_connect");
            _parameters = parameters;
            _local = VirtualFabric.Address(Fabric.NextPort());
            if (!Fabric.Listeners.TryGetValue(_remote!.Port, out VirtualCmId? listener))
            {
                Fabric.Emit(new VirtualCmEvent(this, ConnectionEventType.Rejected) { Status = 8 });
                return 0;
            }

            byte[] padded = new byte[RequestPrivateDataLength];
            privateData.CopyTo(padded);
            _peer = new VirtualCmId(listener._channel)
            {
                _peer = this,
                _device = listener._channel.Stack.VirtualDevice,
                _local = listener._local,
                _remote = _local,
            };
            listener._channel.Enqueue(new VirtualCmEvent(_peer, ConnectionEventType.ConnectRequest)
            {
                Listener = listener,
                PrivateData = padded,
                ResponderResources = parameters.InitiatorDepth,
                InitiatorDepth = parameters.ResponderResources,
            });
            return 0;
        }
    }

    public override int Accept(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_accept");
            if (_peer is not { _object.IsDestroyed: false, _disconnected: false } client || _queuePair is null)
            {
                return -Errno.EINVAL;
            }

            if (parameters.InitiatorDepth > client._parameters.ResponderResources)
            {
                Fabric.Violate("rdma_accept with a deeper read queue than the peer offered");
            }

            _parameters = parameters;
            _connected = client._connected = true;
            _queuePair.Connect(client._queuePair!, parameters.InitiatorDepth);
            client._queuePair!.Connect(_queuePair, client._parameters.InitiatorDepth);
            Fabric.Emit(new VirtualCmEvent(client, ConnectionEventType.Established)
            {
                PrivateData = privateData.ToArray(),
                ResponderResources = parameters.InitiatorDepth,
                InitiatorDepth = parameters.ResponderResources,
            });
            Fabric.Emit(new VirtualCmEvent(this, ConnectionEventType.Established));
            return 0;
        }
    }

    public override int Reject(ReadOnlySpan<byte> privateData)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_reject");
            if (_peer is { } client)
            {
                _peer = null;
                client._peer = null;
                Fabric.Emit(new VirtualCmEvent(client, ConnectionEventType.Rejected) { Status = 28, PrivateData = privateData.ToArray() });
            }

            return 0;
        }
    }
}
