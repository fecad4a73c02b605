namespace Nvmf.Abstractions.Fabrics;

// Path related status (NVMe Base, Path Related Status Definition).
public readonly partial record struct NvmeStatus
{
    /// <summary>Internal Path Error (SCT 3h, SC 00h).</summary>
    public static NvmeStatus InternalPathError => new(0x3, 0x00);

    /// <summary>Asymmetric Access Persistent Loss (SCT 3h, SC 01h).</summary>
    public static NvmeStatus AnaPersistentLoss => new(0x3, 0x01);

    /// <summary>Asymmetric Access Inaccessible (SCT 3h, SC 02h).</summary>
    public static NvmeStatus AnaInaccessible => new(0x3, 0x02);

    /// <summary>Asymmetric Access Transition (SCT 3h, SC 03h).</summary>
    public static NvmeStatus AnaTransition => new(0x3, 0x03);

    /// <summary>Controller Pathing Error (SCT 3h, SC 60h).</summary>
    public static NvmeStatus ControllerPathingError => new(0x3, 0x60);

    /// <summary>Host Pathing Error (SCT 3h, SC 70h).</summary>
    public static NvmeStatus HostPathingError => new(0x3, 0x70);

    /// <summary>Command Aborted By Host (SCT 3h, SC 71h).</summary>
    public static NvmeStatus AbortedByHost => new(0x3, 0x71);

    private static string? DescribePath(byte code) => code switch
    {
        0x00 => "Internal Path Error",
        0x01 => "Asymmetric Access Persistent Loss",
        0x02 => "Asymmetric Access Inaccessible",
        0x03 => "Asymmetric Access Transition",
        0x60 => "Controller Pathing Error",
        0x70 => "Host Pathing Error",
        0x71 => "Command Aborted By Host",
        _ => null,
    };
}
