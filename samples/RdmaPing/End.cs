using System.Buffers.Binary;
using RdmaSharp;

namespace RdmaPing;

/// <summary>One end of the connection: its memory, its queues, its queue pair, and what it has posted and seen completed.</summary>
/// <remarks>The memory: 16 receive buffers of 256 bytes, a send buffer at 4096, at 8192 what the other end writes and reads, at 12288 what is read from there.</remarks>
internal sealed class End : IDisposable
{
    public const int MessageLength = 64;
    public const int BlockLength = 4096;
    private const int Receives = 16;
    private const int ReceiveLength = 256;
    private const int SendOffset = 4096;
    private const int BlockOffset = 8192;
    private const int SinkOffset = 12288;

    private readonly byte[] _memory = GC.AllocateArray<byte>(16384, pinned: true);
    private readonly SendChain _sends = new(capacity: 8);
    private readonly ReceiveChain _receives = new(Receives);
    private readonly WorkCompletion[] _completions = new WorkCompletion[16];

    public End(RdmaId id, ProtectionDomain domain, CompletionChannel channel, bool shared)
    {
        Id = id;
        Queue = new CompletionQueue(id.Context!, 64, channel);
        // The sink of an RDMA read over iWARP has to be writable for the peer.
        Region = domain.Register(_memory, MemoryAccess.LocalWrite | MemoryAccess.RemoteWrite | MemoryAccess.RemoteRead);
        Shared = shared ? new SharedReceiveQueue(domain, Receives) : null;
        QueuePair = id.CreateQueuePair(domain, new QueuePairOptions
        {
            SendQueue = Queue,
            ReceiveQueue = Queue,
            SharedReceiveQueue = Shared,
            Capacity = new QueuePairCapacity { SendRequests = 16, ReceiveRequests = shared ? 0u : Receives, SendEntries = 1, ReceiveEntries = 1 },
            UserState = this,
        });
        for (ulong slot = 0; slot < Receives; slot++)
        {
            PostReceive(slot);
        }

        Queue.RequestNotification();
    }

    public RdmaId Id { get; }
    public CompletionQueue Queue { get; }
    public MemoryRegion Region { get; }
    public SharedReceiveQueue? Shared { get; }
    public RdmaQueuePair QueuePair { get; }

    /// <summary>Slots of messages that came, in their order.</summary>
    public Queue<int> Messages { get; } = [];

    public int SendsPosted { get; private set; }
    public int SendsCompleted { get; private set; }
    public int ReceivesPosted { get; private set; }
    public int ReceivesCompleted { get; private set; }
    public int Flushed { get; private set; }
    public string? Failure { get; private set; }

    /// <summary>Address and key of the block, as private data.</summary>
    public byte[] Offer
    {
        get
        {
            byte[] offer = new byte[12];
            BinaryPrimitives.WriteUInt64LittleEndian(offer, (ulong)Region.Address + BlockOffset);
            BinaryPrimitives.WriteUInt32LittleEndian(offer.AsSpan(8), Region.RemoteKey);
            return offer;
        }
    }

    public Span<byte> Block => _memory.AsSpan(BlockOffset, BlockLength);
    public Span<byte> Sink => _memory.AsSpan(SinkOffset, BlockLength);
    public ReadOnlySpan<byte> Message(int slot) => _memory.AsSpan(slot * ReceiveLength, MessageLength);

    public void PostReceive(ulong slot)
    {
        _receives.Clear();
        _receives.Add(slot);
        _receives.AddEntry(Region.Slice((nuint)slot * ReceiveLength, ReceiveLength));
        if (Shared is null)
        {
            QueuePair.PostReceive(_receives);
        }
        else
        {
            Shared.Post(_receives);
        }

        ReceivesPosted++;
    }

    public void Send(byte content) => SendChained(content, 1);

    /// <summary>Several messages by one call; only the last one asks for a completion.</summary>
    public void SendChained(byte content, int count)
    {
        _memory.AsSpan(SendOffset, MessageLength).Fill(content);
        _sends.Clear();
        for (int i = 0; i < count; i++)
        {
            _sends.Add(1000, SendOpcode.Send, i == count - 1 ? SendFlags.Signaled : SendFlags.None);
            _sends.AddEntry(Region.Slice(SendOffset, MessageLength));
        }

        QueuePair.PostSend(_sends);
        SendsPosted++;
    }

    /// <summary>Writes the block to, or reads it from, the other end's memory.</summary>
    public void Transfer(SendOpcode opcode, ReadOnlySpan<byte> offer)
    {
        _sends.Clear();
        ref SendWorkRequest request = ref _sends.Add(2000, opcode, SendFlags.Signaled);
        request.RemoteAddress = BinaryPrimitives.ReadUInt64LittleEndian(offer);
        request.RemoteKey = BinaryPrimitives.ReadUInt32LittleEndian(offer[8..]);
        _sends.AddEntry(Region.Slice(opcode == SendOpcode.RdmaRead ? SinkOffset : (nuint)BlockOffset, BlockLength));
        QueuePair.PostSend(_sends);
        SendsPosted++;
    }

    /// <summary>Takes completions out of the queue until it is empty.</summary>
    public void Poll()
    {
        int count;
        while ((count = Queue.Poll(_completions)) > 0)
        {
            foreach (ref readonly WorkCompletion completion in _completions.AsSpan(0, count))
            {
                Take(completion);
            }
        }
    }

    public void Dispose()
    {
        QueuePair.Dispose();
        Shared?.Dispose();
        Region.Dispose();
        Queue.Dispose();
        Id.Dispose();
        _sends.Dispose();
        _receives.Dispose();
    }

    private void Take(in WorkCompletion completion)
    {
        // The opcode of a failed request says nothing: the identifier does.
        bool receive = completion.Id < Receives;
        if (receive)
        {
            ReceivesCompleted++;
        }
        else
        {
            SendsCompleted++;
        }

        if (completion.Status == WorkCompletionStatus.FlushError)
        {
            Flushed++;
        }
        else if (completion.Status != WorkCompletionStatus.Success)
        {
            Failure ??= $"{completion.Status} of work request {completion.Id}";
        }
        else if (receive)
        {
            Messages.Enqueue((int)completion.Id);
        }
    }
}
