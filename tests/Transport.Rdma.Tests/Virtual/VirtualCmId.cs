using System.Net;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed partial class VirtualCmId : CmId
{
    private readonly VirtualObject _object;
    private VirtualEventChannel _channel;
    private VirtualDevice? _device;
    private VirtualCmId? _peer;
    private VirtualQueuePair? _queuePair;
    private IPEndPoint? _local;
    private IPEndPoint? _remote;
    private int _unacknowledged;
    private bool _listening;
    private bool _connected;
    private bool _disconnected;

    public VirtualCmId(VirtualEventChannel channel)
    {
        _channel = channel;
        _object = new VirtualObject(channel.Stack.VirtualDevice, this, "CM id");
        channel.Stack.VirtualDevice.Live.Add(this);
    }

    public override AdapterDevice? Device => _device;

    public override IPEndPoint? LocalEndPoint => _local;

    public override IPEndPoint? RemoteEndPoint => _remote;

    public VirtualQueuePair? QueuePair => _queuePair;

    public VirtualCmId? Peer => _peer;

    /// <summary>Events fetched and not acknowledged; under the fabric's lock.</summary>
    public int Unacknowledged
    {
        get => _unacknowledged;
        set => Volatile.Write(ref _unacknowledged, value);
    }

    private VirtualFabric Fabric => _channel.Stack.Fabric;

    public void Enqueue(VirtualCmEvent cmEvent)
    {
        if (!_object.IsDestroyed)
        {
            _channel.Enqueue(cmEvent);
        }
    }

    /// <summary>An event that the script makes up.</summary>
    public void Inject(ConnectionEventType type, int status = 0)
    {
        lock (Fabric.Lock)
        {
            Enqueue(new VirtualCmEvent(this, type) { Status = status });
        }
    }

    public override int Bind(IPEndPoint address)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_bind_addr");
            int port = address.Port == 0 ? Fabric.NextPort() : address.Port;
            if (Fabric.Listeners.ContainsKey(port))
            {
                return -Errno.EADDRINUSE;
            }

            _local = new IPEndPoint(address.Address, port);
            return 0;
        }
    }

    public override int Listen(int backlog)
    {
        lock (Fabric.Lock)
        {
            _object.Use("rdma_listen");
            _listening = true;
            return Fabric.Listeners.TryAdd(_local!.Port, this) ? 0 : -Errno.EADDRINUSE;
        }
    }

    public override int Migrate(CmEventChannel channel)
    {
        WaitForAcknowledgements("rdma_migrate_id");
        lock (Fabric.Lock)
        {
            _object.Use("rdma_migrate_id");
            List<VirtualCmEvent> waiting = _channel.TakeEvents(this);
            _channel = (VirtualEventChannel)channel;
            waiting.ForEach(_channel.Enqueue);
            return 0;
        }
    }
}
