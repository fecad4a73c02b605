using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>A host that does only what it is told, whatever that is.</summary>
internal sealed class RawHost : RawPeer
{
    private const int ReceiveSize = 64;

    public RawHost(VirtualStack machine) : base(machine, ReceiveSize)
    {
        Channel.CreateId(out CmId? id);
        Id = (VirtualCmId)id!;
    }

    /// <summary>Asks for a connection; the answer is an event.</summary>
    public void Connect(int port, byte[]? privateData = null, int size = 8, int reads = 4, ushort queueId = 0, bool postReceives = true)
    {
        Assert.Equal(0, Id.ResolveAddress(VirtualFabric.Address(port), 1000));
        Expect(ConnectionEventType.AddressResolved);
        Assert.Equal(0, Id.ResolveRoute(1000));
        Expect(ConnectionEventType.RouteResolved);
        CreateQueuePair(postReceives ? 4 * size : 0);
        if (privateData is null)
        {
            privateData = new byte[ConnectPrivateData.Size];
            new ConnectPrivateData(queueId, size, size, 0).Write(privateData);
        }

        Assert.Equal(0, Id.Connect(new ConnectionParameters((byte)reads, 0, 7, 7), privateData));
    }

    public void Send(in SubmissionQueueEntry entry, ReadOnlySpan<byte> data = default) => Send(MemoryMarshal.AsBytes(new ReadOnlySpan<SubmissionQueueEntry>(in entry)), data);

    public CompletionQueueEntry Receive()
    {
        byte[] message = ReceiveMessage();
        Assert.Equal(CompletionQueueEntry.Size, message.Length);
        return MemoryMarshal.Read<CompletionQueueEntry>(message);
    }
}
