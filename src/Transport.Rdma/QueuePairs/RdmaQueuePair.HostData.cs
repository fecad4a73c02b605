using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;

namespace Nvmf.Transport.Rdma.QueuePairs;

/// <content>Data from the host: an RDMA read per descriptor, as many at a time as both devices agreed to.</content>
internal sealed unsafe partial class RdmaQueuePair
{
    private CommandQueue _waitingReads;

    internal void ReceiveData(RdmaQueuePairCommand command, BufferLease destination)
    {
        EnsureOnLoop();
        if (command.State != CommandState.Delivered
            || command.Entry.GetDataDirection() != DataDirection.HostToController
            || command.DataLength == 0
            || command.Receive is not null)
        {
            throw new InvalidOperationException("The command has no data to fetch from the host, or its transfer is under way.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan((uint)destination.Length, command.DataLength, nameof(destination));
        command.BeginTransfer(destination);
        bool possible = _phase != Phase.Ended && CanSend && command.Descriptors.Length != 0 && _connection.Device!.Local.TryGetRegion(destination, out _);
        if (possible)
        {
            _waitingReads.Add(command);
            PumpReads();
        }
        else if (Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            // Without an event reference the end is so near that nobody needs to know.
            Post(command);
        }
    }

    /// <summary>A transfer that cannot be. On the loop.</summary>
    internal void FailTransfer(RdmaQueuePairCommand command)
    {
        if (command.State == CommandState.Transferring)
        {
            EndTransfer(command);
            _handler!.OnDataReceived(command, _phase == Phase.Ended || !CanSend ? NvmeStatus.AbortedSqDeletion : NvmeStatus.InternalError);
        }

        Lifecycle.Release(ReferenceKind.Event);
    }

    /// <summary>Transferring → Delivered, when it is.</summary>
    private void EndTransfer(RdmaQueuePairCommand command)
    {
        if (command.State == CommandState.Transferring)
        {
            if (command.ReadsPosted < command.Descriptors.Length)
            {
                _waitingReads.Remove(command);
            }

            command.EndTransfer();
        }
    }

    private void PumpReads()
    {
        while (_waitingReads.First is { } command)
        {
            while (command.ReadsPosted < command.Descriptors.Length)
            {
                if (_connection.ReadsOutstanding >= _connection.ReadDepth || !_connection.HasRoom(1))
                {
                    return;
                }

                PostRead(command);
                if (_phase == Phase.Ended || command.State != CommandState.Transferring)
                {
                    // The post was refused, and with it everything.
                    return;
                }
            }

            _waitingReads.RemoveFirst();
        }
    }

    private void PostRead(RdmaQueuePairCommand command)
    {
        SglDescriptor descriptor = command.Descriptors[command.ReadsPosted++];
        int length = (int)descriptor.KeyedLength;
        command.SkipEmptyDescriptors();
        BufferLease part = command.Destination.Slice(command.ReadOffset, length);
        command.ReadOffset += length;
        command.ReadsOutstanding++;
        _ = _connection.Device!.Local.TryGetRegion(part, out AdapterMemoryRegion region);
        SendOperation operation = _connection.Begin(1, isRead: true, part.Retain(), command, command.Generation);
        SendWorkRequest[] chain = _connection.Loop.Chain;
        chain[0] = new SendWorkRequest
        {
            Id = _connection.RequestId(operation, 0),
            Opcode = SendOpcode.RdmaRead,
            Signaled = true,
            RemoteAddress = descriptor.Address,
            RemoteKey = descriptor.Key,
            First = new WorkRequestElement((ulong)part.Pointer, (uint)length, region.LocalKey),
        };
        _connection.Post(operation, chain.AsSpan(0, 1));
    }

    private void OnReadEnded(SendOperation operation)
    {
        var command = (RdmaQueuePairCommand)operation.Context!;
        if (command.Generation != operation.ContextGeneration || command.State != CommandState.Transferring)
        {
            return;
        }

        command.ReadsOutstanding--;
        if (operation.Failed)
        {
            // The queue pair is broken: the teardown that has begun ends the transfer.
            return;
        }

        if (command.ReadsOutstanding == 0 && command.ReadsPosted == command.Descriptors.Length)
        {
            command.EndTransfer();
            _handler!.OnDataReceived(command, NvmeStatus.Success);
        }
    }
}
