using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.Memory;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <content>Commands and their answers.</content>
internal sealed unsafe partial class RdmaHostQueuePair
{
    private RdmaHostSubmission? _firstWaiting;
    private RdmaHostSubmission? _lastWaiting;

    // Capsules that the controller can take, and those it has: with no receive posted for one more, the adapters would try again for ever.
    private int _window;
    private int _atController;

    private bool CanSend => _atController < _window && _connection.HasRoom(1);

    public override bool TrySubmit(HostCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!IsOnLoop)
        {
            throw new InvalidOperationException("This member must be called on the queue pair's loop.");
        }

        if (!_live || _ended)
        {
            return false;
        }

        if (_submissions.IsFull)
        {
            throw new InvalidOperationException("As many commands are outstanding as the queue has entries.");
        }

        AdapterMemoryRegion? region = null;
        bool hasData = command.Direction != DataDirection.None && !command.Data.IsEmpty;
        if (hasData && !_connection.Device!.Exposed.TryGetRegion(command.Data, out region))
        {
            throw new InvalidOperationException("The data is not in the pool of this transport, or its memory could not be registered with the adapter.");
        }

        if (!Lifecycle.TryAcquire(ReferenceKind.Command))
        {
            return false;
        }

        bool inCapsule = hasData && command.Direction == DataDirection.HostToController && command.Data.Length <= InCapsuleDataSize;
        RdmaHostSubmission submission = _submissions.Begin(command, inCapsule);
        ref SubmissionQueueEntry entry = ref command.Entry;
        entry.CommandId = submission.CommandId;
        entry.Flags = (byte)((entry.Flags & 3) | SubmissionQueueEntryExtensions.SglFlags);
        entry.Sgl = Describe(submission.Data, inCapsule, region);
        if (_firstWaiting is null && CanSend)
        {
            Send(submission);
        }
        else
        {
            Wait(submission);
        }

        return true;
    }

    void IRdmaConnectionOwner.OnReceived(ReceiveSlot slot)
    {
        if (slot.Length != CompletionQueueEntry.Size)
        {
            int length = slot.Length;
            _connection.ReturnReceive(slot);
            Fault($"a response of {length} bytes");
            return;
        }

        CompletionQueueEntry completion = MemoryMarshal.Read<CompletionQueueEntry>(slot.Header);
        _connection.ReturnReceive(slot);
        if (_submissions.Find(completion.CommandId) is { IsSent: true } submission)
        {
            End(submission, completion, null);
        }
        else
        {
            Fault($"a response to command {completion.CommandId:X4}h, which is not outstanding");
        }
    }

    void IRdmaConnectionOwner.OnOperationEnded(SendOperation operation) => ((RdmaHostSubmission)operation.Context!).EndSending();

    void IRdmaConnectionOwner.OnBatchEnd()
    {
        while (_firstWaiting is { } submission && CanSend)
        {
            _firstWaiting = submission.NextWaiting;
            submission.NextWaiting = null;
            Send(submission);
        }
    }

    // The whole slab's key is the controller's for as long as the queue pair lives, so it must not invalidate it.
    private static SglDescriptor Describe(BufferLease data, bool inCapsule, AdapterMemoryRegion? region)
    {
        if (inCapsule)
        {
            return new SglDescriptor { Length = (uint)data.Length, Identifier = SglDescriptor.DataBlockOffset };
        }

        var descriptor = new SglDescriptor { Identifier = SglDescriptor.KeyedDataBlock };
        if (region is not null)
        {
            descriptor.Address = (ulong)data.Pointer;
            descriptor.KeyedLength = (uint)data.Length;
            descriptor.Key = region.RemoteKey;
        }

        return descriptor;
    }

    private void Send(RdmaHostSubmission submission)
    {
        submission.IsSent = true;
        _atController++;

        // The operation's reference outlives the submission's answer.
        BufferLease data = submission.InCapsule ? submission.Data.Retain() : default;
        SendOperation operation = _connection.Begin(1, isRead: false, data, submission, 0);
        MemoryMarshal.Write(_connection.Header(operation), in submission.Command.Entry);
        SendWorkRequest[] chain = _connection.Loop.Chain;
        chain[0] = new SendWorkRequest
        {
            Id = _connection.RequestId(operation, 0),
            Opcode = SendOpcode.Send,
            Signaled = true,
            First = _connection.HeaderElement(operation),
        };
        if (!data.IsEmpty)
        {
            _ = _connection.Device!.Exposed.TryGetRegion(data, out AdapterMemoryRegion region);
            chain[0].Second = new WorkRequestElement((ulong)data.Pointer, (uint)data.Length, region.LocalKey);
        }

        _connection.Post(operation, chain.AsSpan(0, 1));
    }

    private void Wait(RdmaHostSubmission submission)
    {
        if (_firstWaiting is null)
        {
            _firstWaiting = submission;
        }
        else
        {
            _lastWaiting!.NextWaiting = submission;
        }

        _lastWaiting = submission;
    }

    private void End(RdmaHostSubmission submission, in CompletionQueueEntry completion, Exception? error)
    {
        _submissions.Forget(submission);
        _atController -= submission.IsSent ? 1 : 0;
        try
        {
            submission.Complete(completion, error);
        }
        finally
        {
            Lifecycle.Release(ReferenceKind.Command);
        }
    }
}
