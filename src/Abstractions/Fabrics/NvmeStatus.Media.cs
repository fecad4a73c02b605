namespace Nvmf.Abstractions.Fabrics;

// Media and data integrity errors (NVMe Base, Media and Data Integrity Error Definition; NVM Command Set).
public readonly partial record struct NvmeStatus
{
    /// <summary>Write Fault (SCT 2h, SC 80h).</summary>
    public static NvmeStatus WriteFault => new(0x2, 0x80);

    /// <summary>Unrecovered Read Error (SCT 2h, SC 81h).</summary>
    public static NvmeStatus UnrecoveredReadError => new(0x2, 0x81);

    /// <summary>End-to-end Guard Check Error (SCT 2h, SC 82h).</summary>
    public static NvmeStatus GuardCheckError => new(0x2, 0x82);

    /// <summary>End-to-end Application Tag Check Error (SCT 2h, SC 83h).</summary>
    public static NvmeStatus ApplicationTagCheckError => new(0x2, 0x83);

    /// <summary>End-to-end Reference Tag Check Error (SCT 2h, SC 84h).</summary>
    public static NvmeStatus ReferenceTagCheckError => new(0x2, 0x84);

    /// <summary>Compare Failure (SCT 2h, SC 85h).</summary>
    public static NvmeStatus CompareFailure => new(0x2, 0x85);

    /// <summary>Access Denied (SCT 2h, SC 86h).</summary>
    public static NvmeStatus AccessDenied => new(0x2, 0x86);

    /// <summary>Deallocated or Unwritten Logical Block (SCT 2h, SC 87h).</summary>
    public static NvmeStatus DeallocatedOrUnwritten => new(0x2, 0x87);

    /// <summary>End-to-end Storage Tag Check Error (SCT 2h, SC 88h).</summary>
    public static NvmeStatus StorageTagCheckError => new(0x2, 0x88);

    private static string? DescribeMedia(byte code) => code switch
    {
        0x80 => "Write Fault",
        0x81 => "Unrecovered Read Error",
        0x82 => "End-to-end Guard Check Error",
        0x83 => "End-to-end Application Tag Check Error",
        0x84 => "End-to-end Reference Tag Check Error",
        0x85 => "Compare Failure",
        0x86 => "Access Denied",
        0x87 => "Deallocated or Unwritten Logical Block",
        0x88 => "End-to-end Storage Tag Check Error",
        _ => null,
    };
}
