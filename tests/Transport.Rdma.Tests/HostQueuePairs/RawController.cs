using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.HostQueuePairs;

/// <summary>A controller that does only what it is told, whatever that is: one queue pair.</summary>
internal sealed class RawController : RawPeer
{
    private const int ReceiveSize = 8 << 10;
    private readonly VirtualCmId _listener;

    public RawController(VirtualStack machine) : base(machine, ReceiveSize)
    {
        Channel.CreateId(out CmId? id);
        _listener = (VirtualCmId)id!;
        Assert.Equal(0, _listener.Bind(VirtualFabric.Address(0)));
        Assert.Equal(0, _listener.Listen(16));
    }

    public int Port => _listener.LocalEndPoint!.Port;

    /// <summary>What the host asked for when it connected.</summary>
    public ConnectPrivateData Request { get; private set; }

    /// <summary>Waits for the connection request.</summary>
    public void ExpectRequest()
    {
        CmEvent request = Expect(ConnectionEventType.ConnectRequest);
        Id = (VirtualCmId)request.Id;
        Assert.Null(ConnectPrivateData.Read(request.PrivateData[..request.PrivateDataLength], 1024, out ConnectPrivateData data));
        Request = data;
    }

    /// <summary>Accepts the request, properly if <paramref name="privateData"/> is null.</summary>
    public void Accept(byte[]? privateData = null, int receives = 16)
    {
        CreateQueuePair(receives);
        if (privateData is null)
        {
            privateData = new byte[AcceptPrivateData.Size];
            AcceptPrivateData.Write(privateData, Request.HostSubmissionQueueSize);
        }

        Assert.Equal(0, Id.Accept(new ConnectionParameters(0, 4, 7, 7), privateData));
    }

    /// <summary>Waits for a capsule.</summary>
    public SubmissionQueueEntry Receive(out byte[] data)
    {
        byte[] capsule = ReceiveMessage();
        data = capsule[SubmissionQueueEntry.Size..];
        return MemoryMarshal.Read<SubmissionQueueEntry>(capsule);
    }

    public SubmissionQueueEntry Receive() => Receive(out _);

    public void Respond(ushort commandId, NvmeStatus status = default) =>
        Send(Response(commandId, status));

    public static byte[] Response(ushort commandId, NvmeStatus status = default)
    {
        var completion = new CompletionQueueEntry { CommandId = commandId, Status = status };
        return MemoryMarshal.AsBytes(new ReadOnlySpan<CompletionQueueEntry>(in completion)).ToArray();
    }

    /// <summary>An RDMA write to what a command's descriptor names, or an RDMA read from there, of the data area's beginning.</summary>
    public void Move(SendOpcode opcode, in SglDescriptor descriptor, int length) => Post(new SendWorkRequest
    {
        Opcode = opcode,
        RemoteAddress = descriptor.Address,
        RemoteKey = descriptor.Key,
        First = Element(0, length),
    });

    /// <summary>Goes away without an answer.</summary>
    public void DestroyId()
    {
        Id.Destroy();
        Id = null!;
    }

    public override void Dispose()
    {
        _listener.Destroy();
        base.Dispose();
    }
}
