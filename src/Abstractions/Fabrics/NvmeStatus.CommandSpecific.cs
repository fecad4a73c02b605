namespace Nvmf.Abstractions.Fabrics;

// Command specific status of admin and I/O commands (NVMe Base, Command Specific Status Definition). Connect: NvmeStatus.Fabrics.cs.
public readonly partial record struct NvmeStatus
{
    /// <summary>Completion Queue Invalid (SCT 1h, SC 00h).</summary>
    public static NvmeStatus CompletionQueueInvalid => new(0x1, 0x00);

    /// <summary>Invalid Queue Identifier (SCT 1h, SC 01h).</summary>
    public static NvmeStatus InvalidQueueIdentifier => new(0x1, 0x01);

    /// <summary>Invalid Queue Size (SCT 1h, SC 02h).</summary>
    public static NvmeStatus InvalidQueueSize => new(0x1, 0x02);

    /// <summary>Abort Command Limit Exceeded (SCT 1h, SC 03h).</summary>
    public static NvmeStatus AbortCommandLimitExceeded => new(0x1, 0x03);

    /// <summary>Asynchronous Event Request Limit Exceeded (SCT 1h, SC 05h).</summary>
    public static NvmeStatus AsynchronousEventRequestLimitExceeded => new(0x1, 0x05);

    /// <summary>Invalid Firmware Slot (SCT 1h, SC 06h).</summary>
    public static NvmeStatus InvalidFirmwareSlot => new(0x1, 0x06);

    /// <summary>Invalid Firmware Image (SCT 1h, SC 07h).</summary>
    public static NvmeStatus InvalidFirmwareImage => new(0x1, 0x07);

    /// <summary>Invalid Interrupt Vector (SCT 1h, SC 08h).</summary>
    public static NvmeStatus InvalidInterruptVector => new(0x1, 0x08);

    /// <summary>Invalid Log Page (SCT 1h, SC 09h).</summary>
    public static NvmeStatus InvalidLogPage => new(0x1, 0x09);

    /// <summary>Invalid Format (SCT 1h, SC 0Ah).</summary>
    public static NvmeStatus InvalidFormat => new(0x1, 0x0A);

    /// <summary>Firmware Activation Requires Conventional Reset (SCT 1h, SC 0Bh).</summary>
    public static NvmeStatus FirmwareActivationRequiresConventionalReset => new(0x1, 0x0B);

    /// <summary>Invalid Queue Deletion (SCT 1h, SC 0Ch).</summary>
    public static NvmeStatus InvalidQueueDeletion => new(0x1, 0x0C);

    /// <summary>Feature Identifier Not Saveable (SCT 1h, SC 0Dh).</summary>
    public static NvmeStatus FeatureIdentifierNotSaveable => new(0x1, 0x0D);

    /// <summary>Feature Not Changeable (SCT 1h, SC 0Eh).</summary>
    public static NvmeStatus FeatureNotChangeable => new(0x1, 0x0E);

    /// <summary>Feature Not Namespace Specific (SCT 1h, SC 0Fh).</summary>
    public static NvmeStatus FeatureNotNamespaceSpecific => new(0x1, 0x0F);

    /// <summary>Firmware Activation Requires NVM Subsystem Reset (SCT 1h, SC 10h).</summary>
    public static NvmeStatus FirmwareActivationRequiresSubsystemReset => new(0x1, 0x10);

    /// <summary>Firmware Activation Requires Controller Level Reset (SCT 1h, SC 11h).</summary>
    public static NvmeStatus FirmwareActivationRequiresControllerReset => new(0x1, 0x11);

    /// <summary>Firmware Activation Requires Maximum Time Violation (SCT 1h, SC 12h).</summary>
    public static NvmeStatus FirmwareActivationRequiresMaximumTimeViolation => new(0x1, 0x12);

    /// <summary>Firmware Activation Prohibited (SCT 1h, SC 13h).</summary>
    public static NvmeStatus FirmwareActivationProhibited => new(0x1, 0x13);

    /// <summary>Overlapping Range (SCT 1h, SC 14h).</summary>
    public static NvmeStatus OverlappingRange => new(0x1, 0x14);

    /// <summary>Namespace Insufficient Capacity (SCT 1h, SC 15h).</summary>
    public static NvmeStatus NamespaceInsufficientCapacity => new(0x1, 0x15);

    /// <summary>Namespace Identifier Unavailable (SCT 1h, SC 16h).</summary>
    public static NvmeStatus NamespaceIdentifierUnavailable => new(0x1, 0x16);

    /// <summary>Namespace Already Attached (SCT 1h, SC 18h).</summary>
    public static NvmeStatus NamespaceAlreadyAttached => new(0x1, 0x18);

    /// <summary>Namespace Is Private (SCT 1h, SC 19h).</summary>
    public static NvmeStatus NamespaceIsPrivate => new(0x1, 0x19);

    /// <summary>Namespace Not Attached (SCT 1h, SC 1Ah).</summary>
    public static NvmeStatus NamespaceNotAttached => new(0x1, 0x1A);

    /// <summary>Thin Provisioning Not Supported (SCT 1h, SC 1Bh).</summary>
    public static NvmeStatus ThinProvisioningNotSupported => new(0x1, 0x1B);

    /// <summary>Controller List Invalid (SCT 1h, SC 1Ch).</summary>
    public static NvmeStatus ControllerListInvalid => new(0x1, 0x1C);

    /// <summary>Device Self-test In Progress (SCT 1h, SC 1Dh).</summary>
    public static NvmeStatus DeviceSelfTestInProgress => new(0x1, 0x1D);

    /// <summary>Boot Partition Write Prohibited (SCT 1h, SC 1Eh).</summary>
    public static NvmeStatus BootPartitionWriteProhibited => new(0x1, 0x1E);

    /// <summary>Invalid Controller Identifier (SCT 1h, SC 1Fh).</summary>
    public static NvmeStatus InvalidControllerIdentifier => new(0x1, 0x1F);

    /// <summary>Invalid Secondary Controller State (SCT 1h, SC 20h).</summary>
    public static NvmeStatus InvalidSecondaryControllerState => new(0x1, 0x20);

    /// <summary>Invalid Number of Controller Resources (SCT 1h, SC 21h).</summary>
    public static NvmeStatus InvalidNumberOfControllerResources => new(0x1, 0x21);

    /// <summary>Invalid Resource Identifier (SCT 1h, SC 22h).</summary>
    public static NvmeStatus InvalidResourceIdentifier => new(0x1, 0x22);

    /// <summary>ANA Group Identifier Invalid (SCT 1h, SC 24h).</summary>
    public static NvmeStatus AnaGroupIdentifierInvalid => new(0x1, 0x24);

    /// <summary>ANA Attach Failed (SCT 1h, SC 25h).</summary>
    public static NvmeStatus AnaAttachFailed => new(0x1, 0x25);

    /// <summary>Insufficient Capacity (SCT 1h, SC 26h).</summary>
    public static NvmeStatus InsufficientCapacity => new(0x1, 0x26);

    /// <summary>Namespace Attachment Limit Exceeded (SCT 1h, SC 27h).</summary>
    public static NvmeStatus NamespaceAttachmentLimitExceeded => new(0x1, 0x27);

    /// <summary>I/O Command Set Not Supported (SCT 1h, SC 29h).</summary>
    public static NvmeStatus CommandSetNotSupported => new(0x1, 0x29);

    /// <summary>I/O Command Set Not Enabled (SCT 1h, SC 2Ah).</summary>
    public static NvmeStatus CommandSetNotEnabled => new(0x1, 0x2A);

    /// <summary>I/O Command Set Combination Rejected (SCT 1h, SC 2Bh).</summary>
    public static NvmeStatus CommandSetCombinationRejected => new(0x1, 0x2B);

    /// <summary>Invalid I/O Command Set (SCT 1h, SC 2Ch).</summary>
    public static NvmeStatus InvalidCommandSet => new(0x1, 0x2C);

    /// <summary>Identifier Unavailable (SCT 1h, SC 2Dh).</summary>
    public static NvmeStatus IdentifierUnavailable => new(0x1, 0x2D);

    private static string? DescribeCommandSpecific(byte code) => code switch
    {
        0x00 => "Completion Queue Invalid",
        0x01 => "Invalid Queue Identifier",
        0x02 => "Invalid Queue Size",
        0x03 => "Abort Command Limit Exceeded",
        0x05 => "Asynchronous Event Request Limit Exceeded",
        0x06 => "Invalid Firmware Slot",
        0x07 => "Invalid Firmware Image",
        0x08 => "Invalid Interrupt Vector",
        0x09 => "Invalid Log Page",
        0x0A => "Invalid Format",
        0x0B => "Firmware Activation Requires Conventional Reset",
        0x0C => "Invalid Queue Deletion",
        0x0D => "Feature Identifier Not Saveable",
        0x0E => "Feature Not Changeable",
        0x0F => "Feature Not Namespace Specific",
        0x10 => "Firmware Activation Requires NVM Subsystem Reset",
        0x11 => "Firmware Activation Requires Controller Level Reset",
        0x12 => "Firmware Activation Requires Maximum Time Violation",
        0x13 => "Firmware Activation Prohibited",
        0x14 => "Overlapping Range",
        0x15 => "Namespace Insufficient Capacity",
        0x16 => "Namespace Identifier Unavailable",
        0x18 => "Namespace Already Attached",
        0x19 => "Namespace Is Private",
        0x1A => "Namespace Not Attached",
        0x1B => "Thin Provisioning Not Supported",
        0x1C => "Controller List Invalid",
        0x1D => "Device Self-test In Progress",
        0x1E => "Boot Partition Write Prohibited",
        0x1F => "Invalid Controller Identifier",
        0x20 => "Invalid Secondary Controller State",
        0x21 => "Invalid Number of Controller Resources",
        0x22 => "Invalid Resource Identifier",
        0x24 => "ANA Group Identifier Invalid",
        0x25 => "ANA Attach Failed",
        0x26 => "Insufficient Capacity",
        0x27 => "Namespace Attachment Limit Exceeded",
        0x29 => "I/O Command Set Not Supported",
        0x2A => "I/O Command Set Not Enabled",
        0x2B => "I/O Command Set Combination Rejected",
        0x2C => "Invalid I/O Command Set",
        0x2D => "Identifier Unavailable",
        _ => null,
    };
}
