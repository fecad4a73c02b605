using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

/// <summary>Data of the Connect command, 1024 bytes (NVMe Base, Connect Command - Data).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ConnectData
{
    /// <summary>Size in bytes.</summary>
    public const int Size = 1024;

    /// <summary>Host identifier (HOSTID).</summary>
    [FieldOffset(0)]
    public Identifier128 HostId;

    /// <summary>CNTLID: FFFFh asks for a dynamic controller, FFFEh for any static one.</summary>
    [FieldOffset(16)]
    public ushort ControllerId;

    /// <summary>NVM subsystem qualified name (SUBNQN).</summary>
    [FieldOffset(256)]
    public NulPaddedText256 SubsystemNqn;

    /// <summary>Host qualified name (HOSTNQN).</summary>
    [FieldOffset(512)]
    public NulPaddedText256 HostNqn;
}
