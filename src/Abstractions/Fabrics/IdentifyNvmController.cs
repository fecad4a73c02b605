using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Identify Controller of the NVM command set, CNS 06h with CSI 00h (NVM Command Set). Sizes are powers of two in units of CAP.MPSMIN; 0 is no limit.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct IdentifyNvmController
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 4096;

    /// <summary>Verify size limit (VSL).</summary>
    [FieldOffset(0)]
    public byte VerifySizeLimit;

    /// <summary>Write zeroes size limit (WZSL).</summary>
    [FieldOffset(1)]
    public byte WriteZeroesSizeLimit;

    /// <summary>Write uncorrectable size limit (WUSL).</summary>
    [FieldOffset(2)]
    public byte WriteUncorrectableSizeLimit;

    /// <summary>Dataset management ranges limit (DMRL); 0 is no limit.</summary>
    [FieldOffset(3)]
    public byte DatasetManagementRangesLimit;

    /// <summary>Dataset management range size limit (DMRSL) in logical blocks; 0 is no limit.</summary>
    [FieldOffset(4)]
    public uint DatasetManagementRangeSizeLimit;

    /// <summary>Dataset management size limit (DMSL) in logical blocks; 0 is no limit.</summary>
    [FieldOffset(8)]
    public ulong DatasetManagementSizeLimit;
}
