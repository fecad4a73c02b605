using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>A queue pair of the virtual adapter: moves real bytes between the memory of both sides, after checking keys, bounds and rights.</summary>
internal sealed partial class VirtualQueuePair : AdapterQueuePair
{
    private readonly VirtualDevice _device;
    private readonly VirtualCmId _id;
    private readonly QueuePairAttributes _attributes;
    private readonly VirtualCompletionQueue _completionQueue;
    private readonly VirtualObject _object;
    private State _state = State.Init;

    public VirtualQueuePair(VirtualDevice device, VirtualCmId id, in QueuePairAttributes attributes)
    {
        _device = device;
        _id = id;
        _attributes = attributes;
        _completionQueue = (VirtualCompletionQueue)attributes.CompletionQueue;
        _completionQueue.Users++;
        _shared = (VirtualSharedReceiveQueue?)attributes.SharedReceiveQueue;
        _shared?.Users.Add(this);
        _object = new VirtualObject(device, this, "queue pair");
        Number = device.TakeNumber();
        device.Live.Add(this);
    }

    private enum State
    {
        Init,
        ReadyToSend,
        Error,
    }

    public override uint Number { get; }

    public override object? Owner => _attributes.Owner;

    public bool IsDestroyed => _object.IsDestroyed;

    public VirtualQueuePair? Peer { get; private set; }

    public VirtualDevice VirtualDevice => _device;

    private VirtualFabric Fabric => _device.Fabric;

    public void Connect(VirtualQueuePair peer, int readDepth)
    {
        Peer = peer;
        _readDepth = readDepth;
        _state = State.ReadyToSend;
        Peer.Run();
    }

    private void Complete(WorkCompletion completion, long sequence) => Fabric.Complete(
        () => _completionQueue.Add(completion, sequence >= 0 ? this : null, sequence), hold: HoldSendCompletions && sequence >= 0);
}
