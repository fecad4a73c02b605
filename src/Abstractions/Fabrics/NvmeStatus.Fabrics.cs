namespace Nvmf.Abstractions.Fabrics;

// Codes 80h and up of SCT 1h mean one thing for fabrics commands and another for commands of the NVM command set.
public readonly partial record struct NvmeStatus
{
    /// <summary>Connect Incompatible Format (SCT 1h, SC 80h, fabrics commands).</summary>
    public static NvmeStatus ConnectIncompatibleFormat => new(1, 0x80);

    /// <summary>Connect Controller Busy (SCT 1h, SC 81h, fabrics commands).</summary>
    public static NvmeStatus ConnectControllerBusy => new(1, 0x81);

    /// <summary>Connect Invalid Parameters (SCT 1h, SC 82h, fabrics commands); dword 0 of the completion says which one.</summary>
    public static NvmeStatus ConnectInvalidParameters => new(1, 0x82);

    /// <summary>Connect Restart Discovery (SCT 1h, SC 83h, fabrics commands).</summary>
    public static NvmeStatus ConnectRestartDiscovery => new(1, 0x83);

    /// <summary>Connect Invalid Host (SCT 1h, SC 84h, fabrics commands).</summary>
    public static NvmeStatus ConnectInvalidHost => new(1, 0x84);

    /// <summary>Invalid Queue Type (SCT 1h, SC 85h, Disconnect).</summary>
    public static NvmeStatus InvalidQueueType => new(1, 0x85);

    /// <summary>Discover Restart (SCT 1h, SC 90h): the discovery log changed while it was read.</summary>
    public static NvmeStatus DiscoverRestart => new(1, 0x90);

    /// <summary>Authentication Required (SCT 1h, SC 91h, fabrics commands).</summary>
    public static NvmeStatus AuthenticationRequired => new(1, 0x91);

    /// <summary>Conflicting Attributes (SCT 1h, SC 80h, NVM commands).</summary>
    public static NvmeStatus ConflictingAttributes => new(1, 0x80);

    /// <summary>Invalid Protection Information (SCT 1h, SC 81h, NVM commands).</summary>
    public static NvmeStatus InvalidProtectionInformation => new(1, 0x81);

    /// <summary>Attempted Write to Read Only Range (SCT 1h, SC 82h, NVM commands).</summary>
    public static NvmeStatus WriteToReadOnlyRange => new(1, 0x82);

    /// <summary>Command Size Limit Exceeded (SCT 1h, SC 83h, NVM commands).</summary>
    public static NvmeStatus CommandSizeLimitExceeded => new(1, 0x83);

    private static string? DescribeFabrics(byte code) => code switch
    {
        0x80 => "Connect Incompatible Format",
        0x81 => "Connect Controller Busy",
        0x82 => "Connect Invalid Parameters",
        0x83 => "Connect Restart Discovery",
        0x84 => "Connect Invalid Host",
        0x85 => "Invalid Queue Type",
        0x90 => "Discover Restart",
        0x91 => "Authentication Required",
        _ => null,
    };

    private static string? DescribeNvmCommandSet(byte code) => code switch
    {
        0x80 => "Conflicting Attributes",
        0x81 => "Invalid Protection Information",
        0x82 => "Attempted Write to Read Only Range",
        0x83 => "Command Size Limit Exceeded",
        _ => null,
    };
}
