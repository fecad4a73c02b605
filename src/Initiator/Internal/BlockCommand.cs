using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Internal;

/// <summary>One I/O command before it has a queue: what a retry on another path needs to send it again.</summary>
internal struct BlockCommand
{
    public SubmissionQueueEntry Entry;

    /// <summary>For messages: "Read".</summary>
    public string Name;

    public DataDirection Direction;

    /// <summary>The caller's lease; each transmission takes its own reference.</summary>
    public BufferLease Lease;

    /// <summary>The caller's memory, copied into a lease of our own for each transmission.</summary>
    public ReadOnlyMemory<byte> Source;

    /// <summary>The caller's memory, written after a successful read was released.</summary>
    public Memory<byte> Destination;

    /// <summary>The early signal: the controller answered with success.</summary>
    public Action? Answered;

    /// <summary>Executed late, after its retry, the command could undo what was written, or reserved, in between: it must be fenced first (invariant I10).</summary>
    public readonly bool ChangesMedium => (InputOutputOpcode)Entry.Opcode
        is InputOutputOpcode.Write or InputOutputOpcode.WriteZeroes or InputOutputOpcode.DatasetManagement or InputOutputOpcode.Copy
        or InputOutputOpcode.WriteUncorrectable
        or InputOutputOpcode.ReservationRegister or InputOutputOpcode.ReservationAcquire or InputOutputOpcode.ReservationRelease;

    /// <summary>Bytes of blocks that are moved between host and controller.</summary>
    public readonly int BlockData => (InputOutputOpcode)Entry.Opcode is InputOutputOpcode.Read or InputOutputOpcode.Write or InputOutputOpcode.Compare
        ? Lease.Length + Source.Length + Destination.Length
        : 0;

    /// <summary>A part of a command that moves data: blocks <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> of it.</summary>
    public readonly BlockCommand Part(int first, int count, int blockSize)
    {
        var part = this;
        ref var entry = ref InputOutputCommand.Edit(ref part.Entry);
        entry.StartingLba += (ulong)first;
        entry.Blocks = (uint)count;
        var (offset, length) = (first * blockSize, count * blockSize);
        if (!Lease.IsEmpty)
        {
            part.Lease = Lease.Slice(offset, length);
        }

        if (!Source.IsEmpty)
        {
            part.Source = Source.Slice(offset, length);
        }

        if (!Destination.IsEmpty)
        {
            part.Destination = Destination.Slice(offset, length);
        }

        return part;
    }
}
