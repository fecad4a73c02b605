using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

// NVM command set attributes, bytes 512 to 1023.
public partial struct IdentifyController
{
    /// <summary>Submission queue entry size (SQES): required in 3:0, maximum in 7:4, powers of two; 66h over fabrics.</summary>
    [FieldOffset(512)]
    public byte SubmissionQueueEntrySize;

    /// <summary>Completion queue entry size (CQES): required in 3:0, maximum in 7:4, powers of two; 44h over fabrics.</summary>
    [FieldOffset(513)]
    public byte CompletionQueueEntrySize;

    /// <summary>Maximum outstanding commands of an I/O queue (MAXCMD).</summary>
    [FieldOffset(514)]
    public ushort MaxOutstandingCommands;

    /// <summary>Largest valid namespace identifier (NN).</summary>
    [FieldOffset(516)]
    public uint Namespaces;

    /// <summary>ONCS.</summary>
    [FieldOffset(520)]
    public OptionalNvmCommands OptionalNvmCommands;

    /// <summary>Fused operation support (FUSES): bit 0 is compare and write.</summary>
    [FieldOffset(522)]
    public ushort FusedOperations;

    /// <summary>Format NVM attributes (FNA).</summary>
    [FieldOffset(524)]
    public byte FormatAttributes;

    /// <summary>VWC: present in bit 0, Flush with NSID FFFFFFFFh in bits 2:1 (10b no, 11b yes).</summary>
    [FieldOffset(525)]
    public byte VolatileWriteCache;

    /// <summary>Atomic write unit normal (AWUN) in logical blocks, zero based.</summary>
    [FieldOffset(526)]
    public ushort AtomicWriteUnitNormal;

    /// <summary>Atomic write unit power fail (AWUPF) in logical blocks, zero based.</summary>
    [FieldOffset(528)]
    public ushort AtomicWriteUnitPowerFail;

    /// <summary>I/O command set vendor specific command configuration (ICSVSCC).</summary>
    [FieldOffset(530)]
    public byte CommandSetVendorSpecificConfiguration;

    /// <summary>Namespace write protection capabilities (NWPC).</summary>
    [FieldOffset(531)]
    public byte NamespaceWriteProtection;

    /// <summary>Atomic compare and write unit (ACWU) in logical blocks, zero based.</summary>
    [FieldOffset(532)]
    public ushort AtomicCompareAndWriteUnit;

    /// <summary>Copy descriptor formats supported (CDFS), bit n: format n.</summary>
    [FieldOffset(534)]
    public ushort CopyDescriptorFormats;

    /// <summary>SGLS.</summary>
    [FieldOffset(536)]
    public SglSupport SglSupport;

    /// <summary>Maximum number of allowed namespaces (MNAN).</summary>
    [FieldOffset(540)]
    public uint MaxAllowedNamespaces;

    /// <summary>Maximum domain namespace attachments (MAXDNA).</summary>
    [FieldOffset(544)]
    public Counter128 MaxDomainNamespaceAttachments;

    /// <summary>Maximum I/O controller namespace attachments (MAXCNA).</summary>
    [FieldOffset(560)]
    public uint MaxControllerNamespaceAttachments;

    /// <summary>NVM subsystem qualified name (SUBNQN).</summary>
    [FieldOffset(768)]
    public NulPaddedText256 SubsystemNqn;
}
