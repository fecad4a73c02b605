using System.Runtime.CompilerServices;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

/// <summary>
/// The blocks of a namespace: by one controller (<see cref="NvmeNamespace"/>), or by several paths with retries
/// (<see cref="Multipath.NvmeMultipathNamespace"/>).
/// </summary>
/// <remarks>
/// Threads, data and errors: see <see cref="NvmeController"/>. Data longer than <see cref="MaxTransferLength"/> is moved by several commands, a few at a time: then
/// it is not written in one piece, and after an error some of it may have been moved.
/// </remarks>
public abstract partial class NvmeBlockDevice
{
    /// <summary>Commands of one split transfer in flight at a time.</summary>
    private const int SplitWindow = 8;

    private const uint MaxBlocks = 65536;

    // What an application may use must not depend on how the library is organized inside.
    private protected NvmeBlockDevice()
    {
    }

    /// <summary>Namespace identifier (NSID).</summary>
    public abstract uint Id { get; }

    /// <summary>Logical block size in bytes, a power of two.</summary>
    public abstract int BlockSize { get; }

    /// <summary>Size in logical blocks (NSZE) when the namespace was last looked at.</summary>
    public abstract ulong BlockCount { get; }

    /// <summary>Largest read, write or compare of one command, in bytes.</summary>
    public abstract int MaxTransferLength { get; }

    /// <summary>
    /// The bytes of the namespace as a stream of fixed length, for code that wants one. Any position and length will do; whole blocks are quickest. Flush makes
    /// durable what was written; closing it does nothing. One caller at a time, and the blocking members block a thread.
    /// </summary>
    /// <param name="access">What the stream may be used for.</param>
    public Stream OpenStream(FileAccess access = FileAccess.ReadWrite) => new BlockStream(this, access);

    /// <summary>Sends one command, whose data fits; the task ends when the data is released.</summary>
    internal abstract ValueTask ExecuteAsync(BlockCommand command, CancellationToken cancellationToken);

    private BlockCommand NewCommand(InputOutputOpcode opcode, ulong block, uint count, string name) =>
        new() { Entry = Entries.Blocks(opcode, Id, block, count), Name = name };

    private ValueTask TransferAsync(
        BlockCommand command, int length, CancellationToken cancellationToken, [CallerArgumentExpression(nameof(length))] string? name = null)
    {
        if (length <= 0 || (length & (BlockSize - 1)) != 0)
        {
            throw new ArgumentException($"The data must be a positive multiple of the block size of {BlockSize} bytes; it has {length}.", name);
        }

        if (length <= (long)MaxBlocks * BlockSize)
        {
            InputOutputCommand.Edit(ref command.Entry).Blocks = (uint)(length / BlockSize);
        }

        return SubmitAsync(command, cancellationToken);
    }

    /// <summary>Sends a command that may have more data than one command of this device can move.</summary>
    internal ValueTask SubmitAsync(BlockCommand command, CancellationToken cancellationToken) =>
        command.BlockData is var length && length > MaxTransferLength
            ? SplitAsync(command, length, cancellationToken)
            : ExecuteAsync(command, cancellationToken);

    private async ValueTask SplitAsync(BlockCommand command, int length, CancellationToken cancellationToken)
    {
        var answered = command.Answered;
        command.Answered = null;
        var window = new Task<Exception?>[SplitWindow];
        var (blocks, blocksPerCommand) = (length / BlockSize, MaxTransferLength / BlockSize);
        var (started, ended) = (0, 0);
        Exception? failure = null;
        for (var first = 0; first < blocks && failure is null; first += blocksPerCommand)
        {
            if (started - ended == SplitWindow)
            {
                failure = await window[ended++ % SplitWindow].ConfigureAwait(false);
            }

            if (failure is null)
            {
                window[started++ % SplitWindow] = ExecutePartAsync(command.Part(first, Math.Min(blocksPerCommand, blocks - first), BlockSize), cancellationToken);
            }
        }

        // The caller's data is in use until the last of them has ended.
        while (ended < started)
        {
            failure = Graver(failure, await window[ended++ % SplitWindow].ConfigureAwait(false));
        }

        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        answered?.Invoke();
    }

    // One part that may still be executed somewhere speaks for all of them, or nobody would fence it (invariant I10).
    private static Exception? Graver(Exception? first, Exception? next) =>
        first is null || (next is not null && !MayHaveBeenSent(first) && MayHaveBeenSent(next)) ? next : first;

    private static bool MayHaveBeenSent(Exception error) => Multipath.Failures.LostConnection(error) is { MayHaveBeenSent: true };

    private async Task<Exception?> ExecutePartAsync(BlockCommand part, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(part, cancellationToken).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Thrown again, when all of the others have ended.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private static uint Checked(uint count)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxBlocks);
        return count;
    }

    private ValueTask SendLease(
        InputOutputOpcode opcode, ulong block, BufferLease data, DataDirection direction, string name, bool forceUnitAccess, Action? answered, CancellationToken cancellationToken)
    {
        var command = NewCommand(opcode, block, 1, name);
        InputOutputCommand.Edit(ref command.Entry).ForceUnitAccess = forceUnitAccess;
        command.Lease = data;
        command.Direction = direction;
        command.Answered = answered;
        return TransferAsync(command, data.Length, cancellationToken, nameof(data));
    }

    private ValueTask SendSource(
        InputOutputOpcode opcode, ulong block, ReadOnlyMemory<byte> source, string name, bool forceUnitAccess, CancellationToken cancellationToken)
    {
        var command = NewCommand(opcode, block, 1, name);
        InputOutputCommand.Edit(ref command.Entry).ForceUnitAccess = forceUnitAccess;
        command.Source = source;
        return TransferAsync(command, source.Length, cancellationToken, nameof(source));
    }
}
