using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>
/// A target of one memory disk with blocks of 512 bytes, or whatever <see cref="Command"/> makes of it. Accepts every Connect. Drops at teardown what it
/// still holds.
/// </summary>
internal sealed class ScriptedHandler(BufferPool pool, int diskSize) : IQueuePairHandler
{
    private bool _connected;

    public byte[] Disk { get; } = new byte[diskSize];

    public List<QueuePairCommand> Held { get; } = [];

    public List<(QueuePairCommand Command, NvmeStatus Status)> Received { get; } = [];

    public List<ushort> Arrived { get; } = [];

    /// <summary>Replaces the disk: gets every command but Connect.</summary>
    public Action<QueuePairCommand>? Command { get; set; }

    public TeardownCause? Quiesced { get; private set; }

    public DrainReport? Report { get; private set; }

    public int ClosedCalls { get; private set; }

    public static CompletionQueueEntry Completion(QueuePairCommand command, NvmeStatus status = default, uint result = 0) => new()
    {
        CommandId = command.Entry.CommandId,
        Status = status,
        Dword0 = result,
    };

    public void OnCommand(QueuePairCommand command)
    {
        Assert.Null(Quiesced);
        Arrived.Add(command.Entry.CommandId);
        if (!command.TransportStatus.IsSuccess)
        {
            command.Complete(Completion(command, command.TransportStatus));
        }
        else if (command.Entry is { Opcode: 0x7F, FabricsCommandType: FabricsCommandType.Connect })
        {
            Connect(command);
        }
        else if (Command is not null)
        {
            Command(command);
        }
        else
        {
            Execute(command);
        }
    }

    public void OnDataReceived(QueuePairCommand command, NvmeStatus status)
    {
        Received.Add((command, status));
        var buffer = (BufferLease)command.HandlerState!;
        Held.Remove(command);
        if (status.IsSuccess)
        {
            buffer.Span.CopyTo(Range(command));
        }

        buffer.Release();
        command.Complete(Completion(command, status));
    }

    public void OnQuiescing(QueuePair queuePair, TeardownCause cause)
    {
        Assert.Null(Quiesced);
        Quiesced = cause;
        foreach (QueuePairCommand command in Held)
        {
            if (command.HandlerState is BufferLease buffer)
            {
                buffer.Release();
            }

            command.Drop();
        }

        Held.Clear();
    }

    public void OnClosed(QueuePair queuePair, DrainReport report)
    {
        Report = report;
        ClosedCalls++;
    }

    /// <summary>Begins to fetch a command's data; <see cref="OnDataReceived"/> puts it on the disk.</summary>
    public void Fetch(QueuePairCommand command)
    {
        Assert.True(pool.TryRent((int)command.DataLength, BufferPriority.InputOutput, out BufferLease buffer));
        command.HandlerState = buffer;
        Held.Add(command);
        command.ReceiveData(buffer);
    }

    public BufferLease Rent(int length)
    {
        Assert.True(pool.TryRent(length, BufferPriority.InputOutput, out BufferLease buffer));
        return buffer;
    }

    private void Connect(QueuePairCommand command)
    {
        ref readonly SubmissionQueueEntry entry = ref command.Entry;
        int queueSize = (int)(entry.Dword11 & 0xFFFF) + 1;
        if (_connected || command.InCapsuleData.Length != 1024 || queueSize is < 2 or > 1024)
        {
            command.Complete(Completion(command, NvmeStatus.ConnectInvalidParameters));
            return;
        }

        _connected = true;
        command.QueuePair.OnConnected(new QueuePairParameters((ushort)(entry.Dword10 >> 16), queueSize, (entry.Dword11 & 0x40000) != 0));
        command.Complete(Completion(command, result: 1));
    }

    private void Execute(QueuePairCommand command)
    {
        switch (command.Entry.Opcode)
        {
            case Wire.Write when command.DataLength > 0 && InRange(command):
                if (command.InCapsuleData.IsEmpty)
                {
                    Fetch(command);
                    return;
                }

                command.InCapsuleData.Span.CopyTo(Range(command));
                command.Complete(Completion(command));
                break;
            case Wire.Read when command.DataLength > 0 && InRange(command):
                BufferLease data = Rent((int)command.DataLength);
                Range(command).CopyTo(data.Span);
                command.CompleteWithData(Completion(command), data);
                break;
            default:
                command.Complete(Completion(command));
                break;
        }
    }

    private bool InRange(QueuePairCommand command) =>
        command.Entry.StartingLba <= (ulong)diskSize / 512 && (command.Entry.StartingLba * 512) + command.DataLength <= (ulong)diskSize;

    private Span<byte> Range(QueuePairCommand command) => Disk.AsSpan((int)(command.Entry.StartingLba * 512), (int)command.DataLength);
}
