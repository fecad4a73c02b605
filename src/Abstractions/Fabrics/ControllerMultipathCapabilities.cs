namespace Nvmf.Abstractions.Fabrics;

/// <summary>CMIC of Identify Controller.</summary>
[Flags]
public enum ControllerMultipathCapabilities : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The subsystem may have more than one port.</summary>
    MultiplePorts = 1 << 0,

    /// <summary>The subsystem may have more than one controller.</summary>
    MultipleControllers = 1 << 1,

    /// <summary>The controller is an SR-IOV virtual function.</summary>
    VirtualFunction = 1 << 2,

    /// <summary>ANA reporting.</summary>
    AsymmetricNamespaceAccess = 1 << 3,
}
