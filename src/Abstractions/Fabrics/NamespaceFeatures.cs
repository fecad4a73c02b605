namespace Nvmf.Abstractions.Fabrics;

/// <summary>NSFEAT of Identify Namespace.</summary>
[Flags]
public enum NamespaceFeatures : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Thin provisioning: NCAP may be below NSZE.</summary>
    ThinProvisioning = 1 << 0,

    /// <summary>NAWUN, NAWUPF and NACWU are valid.</summary>
    NamespaceAtomicity = 1 << 1,

    /// <summary>Deallocated or Unwritten Logical Block errors can be enabled.</summary>
    DeallocatedError = 1 << 2,

    /// <summary>NGUID and EUI64 are never reused (UIDREUSE).</summary>
    IdentifiersNeverReused = 1 << 3,

    /// <summary>NPWG, NPWA, NPDG, NPDA and NOWS are valid (OPTPERF).</summary>
    OptimalSizes = 1 << 4,
}
