using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

internal sealed class VirtualSharedReceiveQueue : AdapterReceiveQueue
{
    private readonly VirtualDevice _device;
    private readonly int _depth;
    private readonly VirtualObject _object;

    public VirtualSharedReceiveQueue(VirtualDevice device, int depth)
    {
        _device = device;
        _depth = depth;
        _object = new VirtualObject(device, this, "shared receive queue");
    }

    public Queue<ReceiveWorkRequest> Posted { get; } = new();

    public List<VirtualQueuePair> Users { get; } = [];

    public override int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted)
    {
        lock (_device.Fabric.Lock)
        {
            _object.Use("ibv_post_srq_recv");
            posted = 0;
            foreach (ReceiveWorkRequest request in chain)
            {
                if (Posted.Count == _depth)
                {
                    return -Errno.ENOMEM;
                }

                Posted.Enqueue(request);
                posted++;
            }

            foreach (VirtualQueuePair user in Users)
            {
                user.Peer?.Run();
            }

            return 0;
        }
    }

    public override int Destroy()
    {
        lock (_device.Fabric.Lock)
        {
            if (Users.Count > 0)
            {
                return -Errno.EBUSY;
            }

            _object.Destroy("ibv_destroy_srq");
            return 0;
        }
    }
}
