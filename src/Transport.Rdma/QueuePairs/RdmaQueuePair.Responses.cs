using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <content>What goes out: RDMA writes and the response in one chain, of which only the response is signalled.</content>
internal sealed unsafe partial class RdmaQueuePair
{
    private CommandQueue _waitingResponses;

    private bool CanSend => _connection.CanPost && Lifecycle.State <= QueuePairState.Quiescing;

    internal void Complete(RdmaQueuePairCommand command, in CompletionQueueEntry completion, BufferLease data)
    {
        EnsureOnLoop();
        bool mayComplete = command.State == CommandState.Delivered
            || (command.State == CommandState.Transferring && (_phase == Phase.Ended || Lifecycle.State != QueuePairState.Live));

        // Slots are reused: the identifier tells a late caller's command from the one that has the slot now.
        if (!mayComplete || completion.CommandId != command.Entry.CommandId)
        {
            throw new InvalidOperationException(
                "The command has been completed or dropped, its data is being received, or the completion is another command's.");
        }

        if (!data.IsEmpty && (data.Length > command.DataLength || !completion.Status.IsSuccess))
        {
            throw new ArgumentException("More data than the command has room for, or data of a command that failed.", nameof(data));
        }

        if (!CanSend)
        {
            data.Release();
            EndCommand(command);
            return;
        }

        EndTransfer(command);
        command.State = CommandState.Responding;
        command.Completion = completion;
        command.ResponseData = data;
        if (!data.IsEmpty && !_connection.Device!.Local.TryGetRegion(data, out _))
        {
            // Said in the log when the registration failed.
            CompletionQueueEntry failure = completion;
            failure.Status = NvmeStatus.InternalError;
            command.Completion = failure;
            command.ResponseData = default;
            data.Release();
        }

        _waitingResponses.Add(command);
        PumpResponses();
    }

    internal void Drop(RdmaQueuePairCommand command)
    {
        EnsureOnLoop();
        if (command.State is not (CommandState.Delivered or CommandState.Transferring))
        {
            throw new InvalidOperationException("The command has been completed or dropped.");
        }

        EndCommand(command);
    }

    void IRdmaConnectionOwner.OnOperationEnded(SendOperation operation)
    {
        if (operation.IsRead)
        {
            OnReadEnded(operation);
        }
    }

    void IRdmaConnectionOwner.OnBatchEnd()
    {
        PumpResponses();
        PumpReads();
    }

    private void PumpResponses()
    {
        while (_waitingResponses.First is { } command && _connection.HasRoom(WorkRequests(command)))
        {
            _waitingResponses.RemoveFirst();
            PostResponse(command);
        }
    }

    // An upper bound: the data may end before the descriptors do.
    private static int WorkRequests(RdmaQueuePairCommand command) => (command.ResponseData.IsEmpty ? 0 : command.Descriptors.Length) + 1;

    private void PostResponse(RdmaQueuePairCommand command)
    {
        // First of all, for the host may send its next command as soon as it has the response.
        ReturnCapsule(command);
        BufferLease data = command.ResponseData;
        command.ResponseData = default;
        SendWorkRequest[] chain = _connection.Loop.Chain;
        int count = data.IsEmpty ? 0 : DescribeWrites(command, data, chain);
        SendOperation operation = _connection.Begin(count + 1, isRead: false, data, null, 0);
        for (int i = 0; i < count; i++)
        {
            chain[i].Id = _connection.RequestId(operation, i);
        }

        CompletionQueueEntry completion = command.Completion;
        MemoryMarshal.Write(_connection.Header(operation), in completion);
        uint? key = _connection.Device!.Device.Limits.SendWithInvalidate ? command.KeyToInvalidate : null;
        chain[count] = new SendWorkRequest
        {
            Id = _connection.RequestId(operation, count),
            Opcode = key is null ? SendOpcode.Send : SendOpcode.SendWithInvalidate,
            Signaled = true,
            RemoteKey = key ?? 0,
            First = _connection.HeaderElement(operation),
        };

        // Acquires the transmissions before the command's reference goes.
        _connection.Post(operation, chain.AsSpan(0, count + 1));
        EndCommand(command);
    }

    private int DescribeWrites(RdmaQueuePairCommand command, BufferLease data, SendWorkRequest[] chain)
    {
        _ = _connection.Device!.Local.TryGetRegion(data, out AdapterMemoryRegion region);
        int offset = 0, count = 0;
        foreach (ref readonly SglDescriptor descriptor in command.Descriptors)
        {
            int length = (int)Math.Min(descriptor.KeyedLength, (uint)(data.Length - offset));
            if (length == 0)
            {
                continue;
            }

            chain[count++] = new SendWorkRequest
            {
                Opcode = SendOpcode.RdmaWrite,
                RemoteAddress = descriptor.Address,
                RemoteKey = descriptor.Key,
                First = new WorkRequestElement((ulong)(data.Pointer + offset), (uint)length, region.LocalKey),
            };
            offset += length;
        }

        return count;
    }
}
