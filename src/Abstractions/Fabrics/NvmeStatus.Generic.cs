namespace Nvmf.Abstractions.Fabrics;

// Generic command status (NVMe Base, Generic Command Status Definition; NVM Command Set for 80h and up).
public readonly partial record struct NvmeStatus
{
    /// <summary>Successful Completion (SCT 0h, SC 00h).</summary>
    public static NvmeStatus Success => new(0x0, 0x00);

    /// <summary>Invalid Command Opcode (SCT 0h, SC 01h).</summary>
    public static NvmeStatus InvalidOpcode => new(0x0, 0x01);

    /// <summary>Invalid Field in Command (SCT 0h, SC 02h).</summary>
    public static NvmeStatus InvalidField => new(0x0, 0x02);

    /// <summary>Command ID Conflict (SCT 0h, SC 03h).</summary>
    public static NvmeStatus CommandIdConflict => new(0x0, 0x03);

    /// <summary>Data Transfer Error (SCT 0h, SC 04h).</summary>
    public static NvmeStatus DataTransferError => new(0x0, 0x04);

    /// <summary>Commands Aborted due to Power Loss Notification (SCT 0h, SC 05h).</summary>
    public static NvmeStatus AbortedPowerLoss => new(0x0, 0x05);

    /// <summary>Internal Error (SCT 0h, SC 06h).</summary>
    public static NvmeStatus InternalError => new(0x0, 0x06);

    /// <summary>Command Abort Requested (SCT 0h, SC 07h).</summary>
    public static NvmeStatus AbortRequested => new(0x0, 0x07);

    /// <summary>Command Aborted due to SQ Deletion (SCT 0h, SC 08h).</summary>
    public static NvmeStatus AbortedSqDeletion => new(0x0, 0x08);

    /// <summary>Command Aborted due to Failed Fused Command (SCT 0h, SC 09h).</summary>
    public static NvmeStatus AbortedFailedFused => new(0x0, 0x09);

    /// <summary>Command Aborted due to Missing Fused Command (SCT 0h, SC 0Ah).</summary>
    public static NvmeStatus AbortedMissingFused => new(0x0, 0x0A);

    /// <summary>Invalid Namespace or Format (SCT 0h, SC 0Bh).</summary>
    public static NvmeStatus InvalidNamespace => new(0x0, 0x0B);

    /// <summary>Command Sequence Error (SCT 0h, SC 0Ch).</summary>
    public static NvmeStatus CommandSequenceError => new(0x0, 0x0C);

    /// <summary>Invalid SGL Segment Descriptor (SCT 0h, SC 0Dh).</summary>
    public static NvmeStatus InvalidSglSegmentDescriptor => new(0x0, 0x0D);

    /// <summary>Invalid Number of SGL Descriptors (SCT 0h, SC 0Eh).</summary>
    public static NvmeStatus InvalidNumberOfSglDescriptors => new(0x0, 0x0E);

    /// <summary>Data SGL Length Invalid (SCT 0h, SC 0Fh).</summary>
    public static NvmeStatus DataSglLengthInvalid => new(0x0, 0x0F);

    /// <summary>Metadata SGL Length Invalid (SCT 0h, SC 10h).</summary>
    public static NvmeStatus MetadataSglLengthInvalid => new(0x0, 0x10);

    /// <summary>SGL Descriptor Type Invalid (SCT 0h, SC 11h).</summary>
    public static NvmeStatus SglDescriptorTypeInvalid => new(0x0, 0x11);

    /// <summary>Invalid Use of Controller Memory Buffer (SCT 0h, SC 12h).</summary>
    public static NvmeStatus InvalidUseOfControllerMemoryBuffer => new(0x0, 0x12);

    /// <summary>PRP Offset Invalid (SCT 0h, SC 13h).</summary>
    public static NvmeStatus PrpOffsetInvalid => new(0x0, 0x13);

    /// <summary>Atomic Write Unit Exceeded (SCT 0h, SC 14h).</summary>
    public static NvmeStatus AtomicWriteUnitExceeded => new(0x0, 0x14);

    /// <summary>Operation Denied (SCT 0h, SC 15h).</summary>
    public static NvmeStatus OperationDenied => new(0x0, 0x15);

    /// <summary>SGL Offset Invalid (SCT 0h, SC 16h).</summary>
    public static NvmeStatus SglOffsetInvalid => new(0x0, 0x16);

    /// <summary>Host Identifier Inconsistent Format (SCT 0h, SC 18h).</summary>
    public static NvmeStatus HostIdentifierInconsistentFormat => new(0x0, 0x18);

    /// <summary>Keep Alive Timer Expired (SCT 0h, SC 19h).</summary>
    public static NvmeStatus KeepAliveTimeoutExpired => new(0x0, 0x19);

    /// <summary>Keep Alive Timeout Invalid (SCT 0h, SC 1Ah).</summary>
    public static NvmeStatus KeepAliveTimeoutInvalid => new(0x0, 0x1A);

    /// <summary>Command Aborted due to Preempt and Abort (SCT 0h, SC 1Bh).</summary>
    public static NvmeStatus AbortedPreemptAndAbort => new(0x0, 0x1B);

    /// <summary>Sanitize Failed (SCT 0h, SC 1Ch).</summary>
    public static NvmeStatus SanitizeFailed => new(0x0, 0x1C);

    /// <summary>Sanitize In Progress (SCT 0h, SC 1Dh).</summary>
    public static NvmeStatus SanitizeInProgress => new(0x0, 0x1D);

    /// <summary>SGL Data Block Granularity Invalid (SCT 0h, SC 1Eh).</summary>
    public static NvmeStatus SglDataBlockGranularityInvalid => new(0x0, 0x1E);

    /// <summary>Command Not Supported for Queue in CMB (SCT 0h, SC 1Fh).</summary>
    public static NvmeStatus CommandNotSupportedForQueueInCmb => new(0x0, 0x1F);

    /// <summary>Namespace is Write Protected (SCT 0h, SC 20h).</summary>
    public static NvmeStatus NamespaceWriteProtected => new(0x0, 0x20);

    /// <summary>Command Interrupted (SCT 0h, SC 21h).</summary>
    public static NvmeStatus CommandInterrupted => new(0x0, 0x21);

    /// <summary>Transient Transport Error (SCT 0h, SC 22h).</summary>
    public static NvmeStatus TransientTransportError => new(0x0, 0x22);

    /// <summary>Command Prohibited by Command and Feature Lockdown (SCT 0h, SC 23h).</summary>
    public static NvmeStatus ProhibitedByLockdown => new(0x0, 0x23);

    /// <summary>Admin Command Media Not Ready (SCT 0h, SC 24h).</summary>
    public static NvmeStatus AdminCommandMediaNotReady => new(0x0, 0x24);

    /// <summary>Host Identifier Not Initialized (SCT 0h, SC 27h).</summary>
    public static NvmeStatus HostIdentifierNotInitialized => new(0x0, 0x27);

    /// <summary>LBA Out of Range (SCT 0h, SC 80h).</summary>
    public static NvmeStatus LbaOutOfRange => new(0x0, 0x80);

    /// <summary>Capacity Exceeded (SCT 0h, SC 81h).</summary>
    public static NvmeStatus CapacityExceeded => new(0x0, 0x81);

    /// <summary>Namespace Not Ready (SCT 0h, SC 82h).</summary>
    public static NvmeStatus NamespaceNotReady => new(0x0, 0x82);

    /// <summary>Reservation Conflict (SCT 0h, SC 83h).</summary>
    public static NvmeStatus ReservationConflict => new(0x0, 0x83);

    /// <summary>Format In Progress (SCT 0h, SC 84h).</summary>
    public static NvmeStatus FormatInProgress => new(0x0, 0x84);

    private static string? DescribeGeneric(byte code) => code switch
    {
        0x00 => "Successful Completion",
        0x01 => "Invalid Command Opcode",
        0x02 => "Invalid Field in Command",
        0x03 => "Command ID Conflict",
        0x04 => "Data Transfer Error",
        0x05 => "Commands Aborted due to Power Loss Notification",
        0x06 => "Internal Error",
        0x07 => "Command Abort Requested",
        0x08 => "Command Aborted due to SQ Deletion",
        0x09 => "Command Aborted due to Failed Fused Command",
        0x0A => "Command Aborted due to Missing Fused Command",
        0x0B => "Invalid Namespace or Format",
        0x0C => "Command Sequence Error",
        0x0D => "Invalid SGL Segment Descriptor",
        0x0E => "Invalid Number of SGL Descriptors",
        0x0F => "Data SGL Length Invalid",
        0x10 => "Metadata SGL Length Invalid",
        0x11 => "SGL Descriptor Type Invalid",
        0x12 => "Invalid Use of Controller Memory Buffer",
        0x13 => "PRP Offset Invalid",
        0x14 => "Atomic Write Unit Exceeded",
        0x15 => "Operation Denied",
        0x16 => "SGL Offset Invalid",
        0x18 => "Host Identifier Inconsistent Format",
        0x19 => "Keep Alive Timer Expired",
        0x1A => "Keep Alive Timeout Invalid",
        0x1B => "Command Aborted due to Preempt and Abort",
        0x1C => "Sanitize Failed",
        0x1D => "Sanitize In Progress",
        0x1E => "SGL Data Block Granularity Invalid",
        0x1F => "Command Not Supported for Queue in CMB",
        0x20 => "Namespace is Write Protected",
        0x21 => "Command Interrupted",
        0x22 => "Transient Transport Error",
        0x23 => "Command Prohibited by Command and Feature Lockdown",
        0x24 => "Admin Command Media Not Ready",
        0x27 => "Host Identifier Not Initialized",
        0x80 => "LBA Out of Range",
        0x81 => "Capacity Exceeded",
        0x82 => "Namespace Not Ready",
        0x83 => "Reservation Conflict",
        0x84 => "Format In Progress",
        _ => null,
    };
}
