using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Entry of the Error Information log page, 64 bytes (log page 01h).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ErrorInformationEntry
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 64;

    /// <summary>Number of this error; 0 marks an unused entry.</summary>
    [FieldOffset(0)]
    public ulong ErrorCount;

    /// <summary>Submission queue (SQID); FFFFh when not about a command.</summary>
    [FieldOffset(8)]
    public ushort SubmissionQueueId;

    /// <summary>Command (CID); FFFFh when not about a command.</summary>
    [FieldOffset(10)]
    public ushort CommandId;

    /// <summary>Byte of the command in 7:0, bit in 10:8; FFFFh when not about a parameter.</summary>
    [FieldOffset(14)]
    public ushort ParameterErrorLocation;

    /// <summary>First logical block with the error.</summary>
    [FieldOffset(16)]
    public ulong Lba;

    /// <summary>Namespace.</summary>
    [FieldOffset(24)]
    public uint NamespaceId;

    /// <summary>Vendor specific log page with more information; 0 for none.</summary>
    [FieldOffset(28)]
    public byte VendorSpecificInformation;

    /// <summary>Transport of the command (TRTYPE).</summary>
    [FieldOffset(29)]
    public FabricsTransportType TransportType;

    /// <summary>Command specific information.</summary>
    [FieldOffset(32)]
    public ulong CommandSpecificInformation;

    /// <summary>Transport type specific information.</summary>
    [FieldOffset(40)]
    public ushort TransportSpecificInformation;


    [FieldOffset(12)]
    private ushort _statusAndPhase;

    /// <summary>Status of the command; the phase tag in bit 0 is left 0.</summary>
    public NvmeStatus Status
    {
        readonly get => new((ushort)(_statusAndPhase >> 1));
        set => _statusAndPhase = (ushort)(value.Value << 1);
    }
}
