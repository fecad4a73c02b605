using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>A target without a disk that answers at once and allocates nothing.</summary>
internal sealed class DirectHandler(BufferPool pool) : IQueuePairHandler
{
    private BufferLease _buffer;

    public void OnCommand(QueuePairCommand command)
    {
        if (command.Entry.Opcode == 0x7F)
        {
            command.QueuePair.OnConnected(new QueuePairParameters(1, 128, SubmissionQueueFlowControlDisabled: false));
        }

        if (command.Entry.Opcode == Wire.Read && Rent(command, out BufferLease data))
        {
            command.CompleteWithData(new CompletionQueueEntry { CommandId = command.Entry.CommandId }, data);
        }
        else if (command.Entry.Opcode == Wire.Write && command.InCapsuleData.IsEmpty && Rent(command, out _buffer))
        {
            command.ReceiveData(_buffer);
        }
        else
        {
            command.Complete(new CompletionQueueEntry { CommandId = command.Entry.CommandId });
        }
    }

    public void OnDataReceived(QueuePairCommand command, NvmeStatus status)
    {
        _buffer.Release();
        command.Complete(new CompletionQueueEntry { CommandId = command.Entry.CommandId, Status = status });
    }

    public void OnQuiescing(QueuePair queuePair, TeardownCause cause)
    {
    }

    public void OnClosed(QueuePair queuePair, DrainReport report)
    {
    }

    private bool Rent(QueuePairCommand command, out BufferLease lease) =>
        pool.TryRent((int)command.DataLength, BufferPriority.InputOutput, out lease);
}
