using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>A peer that speaks through the seam itself, step by step, and may say anything.</summary>
internal abstract unsafe class RawPeer : IDisposable
{
    public const int DataOffset = 1 << 20;
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int MemorySize = 4 << 20;
    private const int CapsuleOffset = 128 << 10;
    private const int CapsuleSize = 8 << 10;
    private const int Capsules = 64;
    private const ulong FirstSend = 1UL << 32;

    private readonly byte* _memory;
    private readonly int _receiveSize;
    private readonly Queue<WorkCompletion> _received = new();
    private int _sent;
    private bool _disposed;

    protected RawPeer(VirtualStack machine, int receiveSize)
    {
        _receiveSize = receiveSize;
        machine.CreateEventChannel(out CmEventChannel? channel);
        Channel = channel!;
        machine.VirtualDevice.CreateCompletionQueue(4096, out AdapterCompletionQueue? queue);
        CompletionQueue = queue!;
        _memory = (byte*)NativeMemory.AllocZeroed(MemorySize);
        machine.VirtualDevice.RegisterMemory(
            (nint)_memory, MemorySize, MemoryAccess.LocalWrite | MemoryAccess.RemoteRead | MemoryAccess.RemoteWrite, out AdapterMemoryRegion? region);
        Region = (VirtualMemoryRegion)region!;
        machine.VirtualDevice.RegisterMemory(
            (nint)(_memory + DataOffset), MemorySize - DataOffset, MemoryAccess.LocalWrite | MemoryAccess.RemoteRead | MemoryAccess.RemoteWrite, out region);
        DataRegion = (VirtualMemoryRegion)region!;
    }

    public VirtualCmId Id { get; protected set; } = null!;

    public VirtualMemoryRegion Region { get; }

    /// <summary>What keyed descriptors point into, and a response may invalidate.</summary>
    public VirtualMemoryRegion DataRegion { get; }

    public VirtualQueuePair QueuePair => Id.QueuePair!;

    public Span<byte> Data => new(_memory + DataOffset, MemorySize - DataOffset);

    /// <summary>Bad status of the first completion that had one, if any.</summary>
    public WorkCompletionStatus Broken { get; private set; }

    protected CmEventChannel Channel { get; }

    protected AdapterCompletionQueue CompletionQueue { get; }

    public CmEvent Expect(ConnectionEventType type)
    {
        CmEvent cmEvent = NextEvent();
        Assert.Equal(type, cmEvent.Type);
        return cmEvent;
    }

    public CmEvent NextEvent()
    {
        CmEvent cmEvent = default;
        Assert.True(SpinWait.SpinUntil(() => Channel.TryGetEvent(out cmEvent) >= 0, Patience), "No event of the connection manager came.");
        Channel.Acknowledge(in cmEvent);
        return cmEvent;
    }

    /// <summary>Sends a message of both parts, one behind the other.</summary>
    public void Send(ReadOnlySpan<byte> message, ReadOnlySpan<byte> data = default, SendOpcode opcode = SendOpcode.Send, uint key = 0)
    {
        byte* slot = _memory + CapsuleOffset + (_sent % Capsules * CapsuleSize);
        message.CopyTo(new Span<byte>(slot, CapsuleSize));
        data.CopyTo(new Span<byte>(slot + message.Length, CapsuleSize - message.Length));
        Post(new SendWorkRequest
        {
            Opcode = opcode,
            RemoteKey = key,
            First = new WorkRequestElement((ulong)slot, (uint)(message.Length + data.Length), Region.LocalKey),
        });
    }

    /// <summary>Posts anything; identifier and signal are put in.</summary>
    public void Post(SendWorkRequest request)
    {
        request.Id = FirstSend + (uint)_sent++;
        request.Signaled = true;
        QueuePair.PostSend(new ReadOnlySpan<SendWorkRequest>(in request), out _);
    }

    /// <summary>A part of the data area, for a work request.</summary>
    public WorkRequestElement Element(int offset, int length) => new((ulong)(_memory + DataOffset + offset), (uint)length, DataRegion.LocalKey);

    /// <summary>A keyed descriptor of the data area.</summary>
    public SglDescriptor Keyed(int offset, int length, bool invalidate = false) => new()
    {
        Identifier = invalidate ? SglDescriptor.KeyedDataBlockInvalidate : SglDescriptor.KeyedDataBlock,
        Address = (ulong)(_memory + DataOffset + offset),
        KeyedLength = (uint)length,
        Key = DataRegion.RemoteKey,
    };

    /// <summary>True when a message is there.</summary>
    public bool TryPoll()
    {
        Span<WorkCompletion> batch = stackalloc WorkCompletion[16];
        int count;
        while ((count = CompletionQueue.Poll(batch)) > 0)
        {
            foreach (WorkCompletion completion in batch[..count])
            {
                if (completion.Status != WorkCompletionStatus.Success)
                {
                    Broken = Broken == WorkCompletionStatus.Success ? completion.Status : Broken;
                }
                else if (completion.Id < FirstSend)
                {
                    _received.Enqueue(completion);
                }
            }
        }

        return _received.Count > 0;
    }

    public void PostReceive(int index)
    {
        var request = new ReceiveWorkRequest
        {
            Id = (ulong)index,
            First = new WorkRequestElement((ulong)(_memory + (index * _receiveSize)), (uint)_receiveSize, Region.LocalKey),
        };
        QueuePair.PostReceive(new ReadOnlySpan<ReceiveWorkRequest>(in request), out _);
    }

    public virtual void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Id?.QueuePair?.Detach();
        Id?.QueuePair?.Destroy();
        Id?.Destroy();
        while (Channel.TryGetEvent(out CmEvent cmEvent) >= 0)
        {
            Channel.Acknowledge(in cmEvent);
        }

        CompletionQueue.Destroy();
        Channel.Destroy();
        Region.Deregister();
        DataRegion.Deregister();
        NativeMemory.Free(_memory);
    }

    /// <summary>Waits for a message; its receive is posted again.</summary>
    protected byte[] ReceiveMessage()
    {
        Assert.True(SpinWait.SpinUntil(TryPoll, Patience), $"No message came; {Broken}.");
        WorkCompletion completion = _received.Dequeue();
        byte[] message = new ReadOnlySpan<byte>(_memory + (completion.Id * (ulong)_receiveSize), (int)completion.Length).ToArray();
        PostReceive((int)completion.Id);
        return message;
    }

    protected void CreateQueuePair(int receives)
    {
        Assert.Equal(0, Id.CreateQueuePair(new QueuePairAttributes(CompletionQueue, null, 1024, 256, null), out _));
        for (int i = 0; i < receives; i++)
        {
            PostReceive(i);
        }
    }
}
