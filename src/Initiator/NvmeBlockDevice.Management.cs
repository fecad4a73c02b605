using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public abstract partial class NvmeBlockDevice
{
    private const int MaxRanges = 256;

    /// <summary>Makes every write that completed before durable.</summary>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        ExecuteAsync(new BlockCommand { Entry = Entries.Io(InputOutputOpcode.Flush, Id), Name = "Flush" }, cancellationToken);

    /// <summary>Zeroes 1 to 65536 blocks without sending zeroes.</summary>
    /// <param name="block">First block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="deallocate">DEAC: the controller may deallocate them.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public ValueTask WriteZeroesAsync(ulong block, uint count, bool deallocate = false, CancellationToken cancellationToken = default)
    {
        var command = NewCommand(InputOutputOpcode.WriteZeroes, block, Checked(count), "Write Zeroes");
        InputOutputCommand.Edit(ref command.Entry).Deallocate = deallocate;
        return ExecuteAsync(command, cancellationToken);
    }

    /// <summary>Has the controller read 1 to 65536 blocks and keep the data to itself.</summary>
    public ValueTask VerifyAsync(ulong block, uint count, CancellationToken cancellationToken = default) =>
        ExecuteAsync(NewCommand(InputOutputOpcode.Verify, block, Checked(count), "Verify"), cancellationToken);

    /// <summary>Deallocates 1 to 256 ranges: a hint (Dataset Management, AD).</summary>
    public ValueTask DeallocateAsync(ReadOnlySpan<NvmeBlockRange> ranges, CancellationToken cancellationToken = default)
    {
        var data = new byte[CheckedRanges(ranges) * DatasetManagementRange.Size];
        for (var i = 0; i < ranges.Length; i++)
        {
            var range = new DatasetManagementRange { StartingLba = ranges[i].Start, Blocks = ranges[i].Count };
            WireStructure.Write(data.AsSpan(i * DatasetManagementRange.Size), range);
        }

        var entry = Entries.Io(InputOutputOpcode.DatasetManagement, Id);
        ref var command = ref DatasetManagementCommand.Edit(ref entry);
        command.Ranges = ranges.Length;
        command.Attributes = DatasetManagementAttributes.Deallocate;
        return ExecuteAsync(new BlockCommand { Entry = entry, Name = "Dataset Management", Source = data }, cancellationToken);
    }

    /// <summary>Has the controller copy 1 to 256 ranges, one after the other, to <paramref name="destination"/>.</summary>
    /// <remarks>The namespace's limits (MSSRL, MCL, MSRC) are in <see cref="IdentifyNamespace"/>.</remarks>
    public ValueTask CopyAsync(ulong destination, ReadOnlySpan<NvmeBlockRange> sources, CancellationToken cancellationToken = default)
    {
        var data = new byte[CheckedRanges(sources) * CopyDescriptor.Size];
        for (var i = 0; i < sources.Length; i++)
        {
            var range = new CopyDescriptor { StartingLba = sources[i].Start, Blocks = (ushort)(Checked(sources[i].Count) - 1) };
            WireStructure.Write(data.AsSpan(i * CopyDescriptor.Size), range);
        }

        var entry = Entries.Io(InputOutputOpcode.Copy, Id);
        ref var command = ref CopyCommand.Edit(ref entry);
        command.DestinationLba = destination;
        command.Ranges = sources.Length;
        return ExecuteAsync(new BlockCommand { Entry = entry, Name = "Copy", Source = data }, cancellationToken);
    }

    private static int CheckedRanges(ReadOnlySpan<NvmeBlockRange> ranges) =>
        ranges.Length is > 0 and <= MaxRanges
            ? ranges.Length
            : throw new ArgumentException($"1 to {MaxRanges} ranges can be given, not {ranges.Length}.", nameof(ranges));
}
