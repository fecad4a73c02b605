namespace Nvmf.Abstractions.Fabrics;

/// <summary>Dword 11 of Dataset Management.</summary>
[Flags]
public enum DatasetManagementAttributes : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Integral dataset for read (IDR).</summary>
    IntegralRead = 1u << 0,

    /// <summary>Integral dataset for write (IDW).</summary>
    IntegralWrite = 1u << 1,

    /// <summary>Deallocate (AD).</summary>
    Deallocate = 1u << 2,
}
