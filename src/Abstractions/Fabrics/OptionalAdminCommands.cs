namespace Nvmf.Abstractions.Fabrics;

/// <summary>OACS of Identify Controller.</summary>
[Flags]
public enum OptionalAdminCommands : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Security Send and Receive.</summary>
    Security = 1 << 0,

    /// <summary>Format NVM.</summary>
    FormatNvm = 1 << 1,

    /// <summary>Firmware Commit and Image Download.</summary>
    Firmware = 1 << 2,

    /// <summary>Namespace Management and Attachment.</summary>
    NamespaceManagement = 1 << 3,

    /// <summary>Device Self-test.</summary>
    DeviceSelfTest = 1 << 4,

    /// <summary>Directives.</summary>
    Directives = 1 << 5,

    /// <summary>NVMe-MI Send and Receive.</summary>
    NvmeMi = 1 << 6,

    /// <summary>Virtualization Management.</summary>
    VirtualizationManagement = 1 << 7,

    /// <summary>Doorbell Buffer Config.</summary>
    DoorbellBufferConfig = 1 << 8,

    /// <summary>Get LBA Status.</summary>
    GetLbaStatus = 1 << 9,

    /// <summary>Command and feature lockdown.</summary>
    Lockdown = 1 << 10,
}
