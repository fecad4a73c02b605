namespace Nvmf.Teardown.Tests;

/// <summary>What ends a queue pair.</summary>
public enum Trigger
{
    ListenerRemoved,
    HostRemoved,
    SubsystemRemoved,

    /// <summary>Ends no queue pair: its commands in flight are what matters. The host closes afterwards.</summary>
    NamespaceRemoved,

    KeepAliveExpired,

    /// <summary>CC.EN = 0.</summary>
    ControllerDisabled,

    /// <summary>CC.SHN.</summary>
    ControllerShutdown,

    HostFin,
    HostReset,

    /// <summary>No FIN, no RST, no acknowledgement. When the target has given it up, the host is there again, and reads.</summary>
    HostVanished,

    ProtocolError,

    /// <summary>A header digest that does not match; only with digests.</summary>
    DigestError,

    /// <summary>A listener is removed while the back end keeps a command beyond T1.</summary>
    BackendStuck,

    /// <summary>As SIGTERM does.</summary>
    ProcessStop,
}
