using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Read, Write, Compare, Verify and Write Zeroes, as a view of a submission queue entry (NVM Command Set).</summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct InputOutputCommand
{
    /// <summary>Namespace identifier (NSID).</summary>
    [FieldOffset(4)]
    public uint NamespaceId;

    /// <summary>Starting LBA (SLBA).</summary>
    [FieldOffset(40)]
    public ulong StartingLba;

    /// <summary>Number of logical blocks, zero based (NLB).</summary>
    [FieldOffset(48)]
    public ushort BlocksZeroBased;

    /// <summary>Bits 31:16 of dword 12.</summary>
    [FieldOffset(50)]
    public ushort Control;

    /// <summary>Dword 13: access frequency, latency, sequential, incompressible hints; directive in 31:16.</summary>
    [FieldOffset(52)]
    public uint DatasetManagement;

    private const ushort ForceUnitAccessBit = 1 << 14;
    private const ushort LimitedRetryBit = 1 << 15;
    private const ushort DeallocateBit = 1 << 9;
    private const ushort ProtectionActionBit = 1 << 13;
    private const ushort ProtectionCheckMask = 7 << 10;

    /// <summary>Number of logical blocks, 1 to 65536.</summary>
    public uint Blocks
    {
        readonly get => BlocksZeroBased + 1u;
        set => BlocksZeroBased = (ushort)(value - 1);
    }

    /// <summary>Force unit access (FUA).</summary>
    public bool ForceUnitAccess
    {
        readonly get => (Control & ForceUnitAccessBit) != 0;
        set => Control = (ushort)(value ? Control | ForceUnitAccessBit : Control & ~ForceUnitAccessBit);
    }

    /// <summary>Limited retry (LR).</summary>
    public readonly bool LimitedRetry => (Control & LimitedRetryBit) != 0;

    /// <summary>Write Zeroes may deallocate (DEAC).</summary>
    public bool Deallocate
    {
        readonly get => (Control & DeallocateBit) != 0;
        set => Control = (ushort)(value ? Control | DeallocateBit : Control & ~DeallocateBit);
    }

    /// <summary>PRACT or any PRCHK bit is set: protection information is asked for.</summary>
    public readonly bool UsesProtectionInformation => (Control & (ProtectionActionBit | ProtectionCheckMask)) != 0;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly InputOutputCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, InputOutputCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref InputOutputCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, InputOutputCommand>(ref entry);
}
