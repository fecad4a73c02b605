using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>One command slot of a <see cref="TcpQueuePair"/>.</summary>
internal sealed class TcpQueuePairCommand(TcpQueuePair queuePair, int slot) : QueuePairCommand, IThreadPoolWorkItem
{
    private SubmissionQueueEntry _entry;
    private NvmeStatus _status;
    private uint _dataLength;
    private BufferLease _capsuleData;
    private int _capsuleOffset;
    private BufferLease _destination;
    private int _generation;

    public CommandState State { get; private set; }

    /// <summary>Links the free slots.</summary>
    public TcpQueuePairCommand? NextFree { get; set; }

    /// <summary>Tag of the present or last transfer.</summary>
    public ushort TransferTag { get; private set; }

    /// <summary>Bytes received of the present transfer.</summary>
    public uint Transferred { get; private set; }

    /// <summary><see cref="HostDataWatch.Looks"/> at the beginning of the present or last transfer.</summary>
    public int TransferBegan { get; private set; }

    /// <summary>A data digest of the present transfer did not match.</summary>
    public bool DigestFailed { get; private set; }

    public override QueuePair QueuePair => queuePair;

    public override ref readonly SubmissionQueueEntry Entry => ref _entry;

    public override NvmeStatus TransportStatus => _status;

    public override uint DataLength => _dataLength;

    public override BufferLease InCapsuleData => _capsuleData.IsEmpty ? default : _capsuleData.Slice(_capsuleOffset, (int)_dataLength);

    public override void ReceiveData(BufferLease destination) => queuePair.ReceiveData(this, destination);

    public override void Complete(in CompletionQueueEntry completion) => queuePair.Complete(this, completion, []);

    public override void CompleteWithData(in CompletionQueueEntry completion, BufferLease data) => queuePair.Complete(this, completion, data.IsEmpty ? [] : new ReadOnlySpan<BufferLease>(in data));

    public override void CompleteWithData(in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> pieces) => queuePair.Complete(this, completion, pieces);

    public override void Drop() => queuePair.Drop(this);

    /// <summary>A transfer was asked for too late: tells the handler so, from the loop and not from inside its own call.</summary>
    void IThreadPoolWorkItem.Execute() => queuePair.FailTransfer(this);

    /// <summary>Free → Receiving or Delivered.</summary>
    public void Begin(in SubmissionQueueEntry entry, in TransferDescription transfer, BufferLease capsuleData)
    {
        _entry = entry;
        _status = transfer.Status;
        _dataLength = transfer.Length;
        _capsuleOffset = transfer.InCapsuleOffset;
        _capsuleData = capsuleData;
        State = capsuleData.IsEmpty ? CommandState.Delivered : CommandState.Receiving;
    }

    /// <summary>Receiving → Delivered.</summary>
    public void CapsuleReceived(bool digestMatches)
    {
        State = CommandState.Delivered;
        if (!digestMatches)
        {
            _status = NvmeStatus.TransientTransportError;
            ReleaseCapsuleData();
        }
    }

    /// <summary>Delivered → Transferring. Holds a reference to the destination of its own.</summary>
    public void BeginTransfer(BufferLease destination, int looks)
    {
        TransferBegan = looks;
        _destination = destination.Retain();
        _generation++;
        TransferTag = QueuePairs.TransferTag.Of(slot, _generation);
        Transferred = 0;
        DigestFailed = false;
        State = CommandState.Transferring;
    }

    /// <summary>Where the next <paramref name="length"/> bytes of the transfer go.</summary>
    public BufferLease NextDestination(uint length) => _destination.Slice((int)Transferred, (int)length);

    /// <summary>Counts received data; true when the transfer is complete.</summary>
    public bool AddTransferred(uint bytes, bool digestMatches)
    {
        Transferred += bytes;
        DigestFailed |= !digestMatches;
        return Transferred == _dataLength;
    }

    /// <summary>Transferring → Delivered, finished or abandoned.</summary>
    public void EndTransfer()
    {
        State = CommandState.Delivered;
        _destination.Release();
        _destination = default;
    }

    /// <summary>Receiving or Delivered → Free.</summary>
    public void End()
    {
        ReleaseCapsuleData();
        State = CommandState.Free;
    }

    /// <summary>The command has no use for its in-capsule data any more, or the queue pair is gone.</summary>
    public void ReleaseCapsuleData()
    {
        _capsuleData.Release();
        _capsuleData = default;
    }
}
