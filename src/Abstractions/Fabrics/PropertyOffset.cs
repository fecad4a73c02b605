namespace Nvmf.Abstractions.Fabrics;

/// <summary>Offsets of controller properties (NVMe Base, Controller Properties).</summary>
public enum PropertyOffset : uint
{
    /// <summary>CAP, 8 bytes.</summary>
    Capabilities = 0x00,

    /// <summary>VS, 4 bytes.</summary>
    Version = 0x08,

    /// <summary>CC, 4 bytes.</summary>
    Configuration = 0x14,

    /// <summary>CSTS, 4 bytes.</summary>
    Status = 0x1C,

    /// <summary>NSSR, 4 bytes.</summary>
    SubsystemReset = 0x20,

    /// <summary>NSSD, 4 bytes.</summary>
    SubsystemShutdown = 0x64,

    /// <summary>CRTO, 4 bytes.</summary>
    ReadyTimeouts = 0x68,
}
