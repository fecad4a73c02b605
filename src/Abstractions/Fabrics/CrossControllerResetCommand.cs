using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>
/// Cross-Controller Reset, as a view of a submission queue entry (NVMe Base 2.3, Cross-Controller Reset Command): a host that lost one controller has another of the same
/// subsystem reset it, and knows afterwards that none of its commands is executed any more.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = SubmissionQueueEntry.Size)]
public struct CrossControllerResetCommand
{
    /// <summary>Bit of dword 0 of the completion: the reset is complete, and no log page needs to be waited for (IRS).</summary>
    public const uint ImmediateResetSuccessful = 1;

    /// <summary>CNTLID of the controller to reset (ICID).</summary>
    [FieldOffset(40)]
    public ushort ControllerId;

    /// <summary>Its CIU, from Identify Controller.</summary>
    [FieldOffset(42)]
    public byte InstanceUniquifier;

    /// <summary>Its CIRN, from Identify Controller.</summary>
    [FieldOffset(48)]
    public ulong InstanceRandomNumber;

    /// <summary>The entry, seen as this command.</summary>
    public static ref readonly CrossControllerResetCommand Of(ref readonly SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, CrossControllerResetCommand>(ref Unsafe.AsRef(in entry));

    /// <summary>The entry, seen as this command, for writing.</summary>
    public static ref CrossControllerResetCommand Edit(ref SubmissionQueueEntry entry) =>
        ref Unsafe.As<SubmissionQueueEntry, CrossControllerResetCommand>(ref entry);
}
