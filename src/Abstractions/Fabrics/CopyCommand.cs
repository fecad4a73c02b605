using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Copy, as a view of a submission queue entry (NVM Command Set).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct CopyCommand
{
    /// <summary>Starting destination LBA (SDLBA).</summary>
    [FieldOffset(40)]
    public ulong DestinationLba;

    /// <summary>Number of source ranges, zero based (NR).</summary>
    [FieldOffset(48)]
    public byte RangesZeroBased;

    /// <summary>Bits 31:16 of dword 12.</summary>
    [FieldOffset(50)]
    public ushort Control;

    [FieldOffset(49)]
    private byte _formatAndProtectionRead;

    /// <summary>Number of source ranges, 1 to 256.</summary>
    public int Ranges
    {
        readonly get => RangesZeroBased + 1;
        set => RangesZeroBased = (byte)(value - 1);
    }

    /// <summary>Descriptor format, 4 bits; 0 is <see cref="CopyDescriptor"/>.</summary>
    public byte DescriptorFormat
    {
        readonly get => (byte)(_formatAndProtectionRead & 0x0F);
        set => _formatAndProtectionRead = (byte)((_formatAndProtectionRead & 0xF0) | (value & 0x0F));
    }

    /// <summary>PRINFOR or PRINFOW is not zero: protection information is asked for.</summary>
    public readonly bool UsesProtectionInformation => (_formatAndProtectionRead & 0xF0) != 0 || (Control & 0x3C00) != 0;

    /// <summary>Force unit access (FUA).</summary>
    public readonly bool ForceUnitAccess => (Control & (1 << 14)) != 0;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly CopyCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, CopyCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref CopyCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, CopyCommand>(ref entry);
}
