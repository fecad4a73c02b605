using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>One command slot of an <see cref="RdmaQueuePair"/>.</summary>
internal sealed class RdmaQueuePairCommand(RdmaQueuePair queuePair) : QueuePairCommand, IThreadPoolWorkItem
{
    private SubmissionQueueEntry _entry;
    private TransferDescription _transfer;
    private SglDescriptor[]? _segment;

    public CommandState State { get; set; }

    /// <summary>Moves on with every command in the slot.</summary>
    public int Generation { get; private set; }

    /// <summary>The receive that holds the in-capsule data; null when there is none.</summary>
    public ReceiveSlot? Receive { get; set; }

    /// <summary>Links free slots, and those that wait for the send queue.</summary>
    public RdmaQueuePairCommand? NextFree { get; set; }

    /// <summary>A reference of its own, while data is being fetched.</summary>
    public BufferLease Destination { get; private set; }

    /// <summary>Descriptors whose reads have been posted.</summary>
    public int ReadsPosted { get; set; }

    /// <summary>Bytes described by them.</summary>
    public int ReadOffset { get; set; }

    public int ReadsOutstanding { get; set; }

    /// <summary>What a response that waits is to say.</summary>
    public CompletionQueueEntry Completion { get; set; }

    /// <summary>The data to send before it.</summary>
    public BufferLease ResponseData { get; set; }

    public override QueuePair QueuePair => queuePair;

    public override ref readonly SubmissionQueueEntry Entry => ref _entry;

    public override NvmeStatus TransportStatus => _transfer.Status;

    public override uint DataLength => _transfer.Length;

    public override BufferLease InCapsuleData =>
        Receive is { } receive ? receive.Data.Slice(_transfer.InCapsuleOffset, (int)_transfer.Length) : default;

    /// <summary>Where the data is at the host.</summary>
    public ReadOnlySpan<SglDescriptor> Descriptors =>
        _transfer.Segment ? _segment.AsSpan(0, _transfer.Descriptors) : MemoryMarshal.CreateReadOnlySpan(ref _entry.Sgl, _transfer.Descriptors);

    /// <summary>The key the host wants to be invalidated by the response; of several, one.</summary>
    public uint? KeyToInvalidate
    {
        get
        {
            foreach (ref readonly SglDescriptor descriptor in Descriptors)
            {
                if (descriptor.Identifier == SglDescriptor.KeyedDataBlockInvalidate)
                {
                    return descriptor.Key;
                }
            }

            return null;
        }
    }

    public override void ReceiveData(BufferLease destination) => queuePair.ReceiveData(this, destination);

    public override void Complete(in CompletionQueueEntry completion) => queuePair.Complete(this, completion, default);

    public override void CompleteWithData(in CompletionQueueEntry completion, BufferLease data) => queuePair.Complete(this, completion, data);

    public override void Drop() => queuePair.Drop(this);

    /// <summary>A transfer that cannot be: tells the handler so, from the loop and not from inside its own call.</summary>
    void IThreadPoolWorkItem.Execute() => queuePair.FailTransfer(this);

    /// <summary>Free → Delivered. Copies all that is needed of the capsule but its data.</summary>
    public void Begin(in SubmissionQueueEntry entry, in TransferDescription transfer, ReadOnlySpan<byte> capsuleData)
    {
        _entry = entry;
        _transfer = transfer;
        Generation++;
        State = CommandState.Delivered;
        if (transfer.Segment)
        {
            _segment ??= new SglDescriptor[16];
            MemoryMarshal.Cast<byte, SglDescriptor>(capsuleData[transfer.InCapsuleOffset..])[..transfer.Descriptors].CopyTo(_segment);
        }
    }

    /// <summary>Delivered → Transferring.</summary>
    public void BeginTransfer(BufferLease destination)
    {
        Destination = destination.Retain();
        ReadsPosted = 0;
        ReadOffset = 0;
        ReadsOutstanding = 0;
        State = CommandState.Transferring;
        SkipEmptyDescriptors();
    }

    /// <summary>Nothing is posted for a descriptor of no bytes.</summary>
    public void SkipEmptyDescriptors()
    {
        ReadOnlySpan<SglDescriptor> descriptors = Descriptors;
        while (ReadsPosted < descriptors.Length && descriptors[ReadsPosted].KeyedLength == 0)
        {
            ReadsPosted++;
        }
    }

    /// <summary>Transferring → Delivered, finished or abandoned. Reads under way keep the destination by themselves.</summary>
    public void EndTransfer()
    {
        if (State == CommandState.Transferring)
        {
            State = CommandState.Delivered;
            Destination.Release();
            Destination = default;
        }
    }
}
