using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>A target's end that does what a test says. Holds commands by default, and drops at teardown what it holds, but for those at the back end.</summary>
internal sealed class ScriptedHandler(BufferPool pool) : IQueuePairHandler
{
    private readonly Lock _lock = new();
    private readonly List<QueuePairCommand> _held = [];
    private readonly List<QueuePairCommand> _atBackEnd = [];
    private readonly List<ushort> _arrived = [];

    /// <summary>Gets every command; holds when null.</summary>
    public Action<QueuePairCommand>? Command { get; set; }

    public Action<QueuePairCommand, NvmeStatus>? DataReceived { get; set; }

    public int QuiescedCalls { get; private set; }

    public int ClosedCalls { get; private set; }

    public DrainReport? Report { get; private set; }

    public ushort[] Arrived
    {
        get
        {
            lock (_lock)
            {
                return [.. _arrived];
            }
        }
    }

    public QueuePairCommand[] Held => [.. _held];

    public static CompletionQueueEntry Completion(QueuePairCommand command, NvmeStatus status = default, uint result = 0) => new()
    {
        CommandId = command.Entry.CommandId,
        Status = status,
        Dword0 = result,
    };

    public void Hold(QueuePairCommand command, bool atBackEnd = false) => (atBackEnd ? _atBackEnd : _held).Add(command);

    /// <summary>Completes what is held or at the back end, reads with data of the pool. On the loop.</summary>
    public void CompleteAll()
    {
        foreach (QueuePairCommand command in (QueuePairCommand[])[.. _held, .. _atBackEnd])
        {
            if (command.HandlerState is null)
            {
                _held.Remove(command);
                _atBackEnd.Remove(command);
                CompleteOne(command);
            }
        }
    }

    public void CompleteOne(QueuePairCommand command)
    {
        if (command.Entry.GetDataDirection() == DataDirection.ControllerToHost
            && command.DataLength > 0
            && pool.TryRent((int)command.DataLength, BufferPriority.InputOutput, out BufferLease data))
        {
            data.Span.Fill((byte)command.Entry.CommandId);
            command.CompleteWithData(Completion(command), data);
            return;
        }

        command.Complete(Completion(command));
    }

    /// <summary>Fetches the host's data into a buffer of the pool; it is released when the data is there, or the queue pair quiesces.</summary>
    public void Fetch(QueuePairCommand command)
    {
        if (!pool.TryRent((int)command.DataLength, BufferPriority.InputOutput, out BufferLease buffer))
        {
            command.Complete(Completion(command, NvmeStatus.InternalError));
            return;
        }

        command.HandlerState = buffer;
        _held.Add(command);
        command.ReceiveData(buffer);
    }

    public void OnCommand(QueuePairCommand command)
    {
        Assert.Equal(0, QuiescedCalls);
        lock (_lock)
        {
            _arrived.Add(command.Entry.CommandId);
        }

        if (!command.TransportStatus.IsSuccess)
        {
            command.Complete(Completion(command, command.TransportStatus));
        }
        else if (Command is not null)
        {
            Command(command);
        }
        else
        {
            _held.Add(command);
        }
    }

    public void OnDataReceived(QueuePairCommand command, NvmeStatus status)
    {
        Assert.True(_held.Remove(command));
        DataReceived?.Invoke(command, status);
        ReleaseBuffer(command);
        command.Complete(Completion(command, status));
    }

    public void OnQuiescing(QueuePair queuePair, TeardownCause cause)
    {
        QuiescedCalls++;
        foreach (QueuePairCommand command in Held)
        {
            ReleaseBuffer(command);
            command.Drop();
        }

        _held.Clear();
    }

    public void OnClosed(QueuePair queuePair, DrainReport report)
    {
        Report = report;
        ClosedCalls++;
    }

    private static void ReleaseBuffer(QueuePairCommand command)
    {
        if (command.HandlerState is BufferLease buffer)
        {
            command.HandlerState = null;
            buffer.Release();
        }
    }
}
