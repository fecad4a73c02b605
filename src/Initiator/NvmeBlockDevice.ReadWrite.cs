using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator;

public abstract partial class NvmeBlockDevice
{
    /// <summary>Reads whole blocks into memory.</summary>
    /// <param name="block">First block.</param>
    /// <param name="destination">Room for whole blocks; written only by successful commands, before the task ends.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask ReadAsync(ulong block, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var command = NewCommand(InputOutputOpcode.Read, block, 1, "Read");
        command.Destination = destination;
        return TransferAsync(command, destination.Length, cancellationToken, nameof(destination));
    }

    /// <summary>Reads whole blocks straight into a lease, which the caller keeps; its contents are undefined after an error.</summary>
    public ValueTask ReadAsync(ulong block, BufferLease destination, CancellationToken cancellationToken = default) =>
        SendLease(InputOutputOpcode.Read, block, destination, DataDirection.ControllerToHost, "Read", false, null, cancellationToken);

    /// <summary>Writes whole blocks from memory, which must not change before the task ends.</summary>
    /// <param name="block">First block.</param>
    /// <param name="source">Whole blocks.</param>
    /// <param name="forceUnitAccess">FUA: the data is durable when the task ends.</param>
    /// <param name="cancellationToken">Aborts the command; the blocks are undefined then.</param>
    public ValueTask WriteAsync(ulong block, ReadOnlyMemory<byte> source, bool forceUnitAccess = false, CancellationToken cancellationToken = default) =>
        SendSource(InputOutputOpcode.Write, block, source, "Write", forceUnitAccess, cancellationToken);

    /// <summary>Writes whole blocks straight from a lease, which the caller keeps and must not change before the task ends.</summary>
    /// <param name="block">First block.</param>
    /// <param name="source">Whole blocks.</param>
    /// <param name="forceUnitAccess">FUA: the data is durable when the task ends.</param>
    /// <param name="cancellationToken">Aborts the command; the blocks are undefined then.</param>
    public ValueTask WriteAsync(ulong block, BufferLease source, bool forceUnitAccess = false, CancellationToken cancellationToken = default) =>
        SendLease(InputOutputOpcode.Write, block, source, DataDirection.HostToController, "Write", forceUnitAccess, null, cancellationToken);

    /// <summary>
    /// Writes, with a signal of its own for "executed": the controller has answered with success. The lease stays in use until the task ends, which is
    /// when no transmission can read it any more (failure F4).
    /// </summary>
    /// <param name="block">First block.</param>
    /// <param name="source">Whole blocks.</param>
    /// <param name="answered">Called at most once, maybe on an event loop: it must be quick and must not throw. Not called when the write fails.</param>
    /// <param name="forceUnitAccess">FUA: the data is durable when <paramref name="answered"/> is called.</param>
    /// <param name="cancellationToken">Aborts the command; the blocks are undefined then.</param>
    public ValueTask WriteAsync(
        ulong block, BufferLease source, Action answered, bool forceUnitAccess = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answered);
        return SendLease(InputOutputOpcode.Write, block, source, DataDirection.HostToController, "Write", forceUnitAccess, answered, cancellationToken);
    }

    /// <summary>Compares blocks with memory. A difference is an <see cref="NvmeException"/> with <see cref="NvmeStatus.CompareFailure"/>.</summary>
    public ValueTask CompareAsync(ulong block, ReadOnlyMemory<byte> expected, CancellationToken cancellationToken = default) =>
        SendSource(InputOutputOpcode.Compare, block, expected, "Compare", false, cancellationToken);

    /// <summary>Compares blocks with a lease, which the caller keeps.</summary>
    public ValueTask CompareAsync(ulong block, BufferLease expected, CancellationToken cancellationToken = default) =>
        SendLease(InputOutputOpcode.Compare, block, expected, DataDirection.HostToController, "Compare", false, null, cancellationToken);
}
