namespace Nvmf.Abstractions.Lifecycle;

/// <summary>Why a queue pair ended. The first cause is the one reported.</summary>
public enum TeardownCause
{
    /// <summary>Not torn down.</summary>
    None,

    /// <summary>The listener that accepted it was removed.</summary>
    ListenerRemoved,

    /// <summary>The host was removed from the subsystem's list of allowed hosts.</summary>
    HostRemoved,

    /// <summary>The subsystem was removed.</summary>
    SubsystemRemoved,

    /// <summary>The controller's keep-alive timer expired (NVMe Base, Keep Alive).</summary>
    KeepAliveExpired,

    /// <summary>CC.EN was cleared: controller level reset.</summary>
    ControllerDisabled,

    /// <summary>CC.SHN: the host shut the controller down.</summary>
    ControllerShutdown,

    /// <summary>The association's admin queue pair ended, and takes its I/O queue pairs with it.</summary>
    AssociationEnded,

    /// <summary>The host closed the connection (FIN, RDMA disconnect).</summary>
    HostClosed,

    /// <summary>The host reset the connection, or it broke.</summary>
    ConnectionReset,

    /// <summary>No transport or protocol progress within a deadline (ICReq, Connect, vanished peer).</summary>
    TimedOut,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError,

    /// <summary>A header digest did not match (NVMe/TCP, Digest Error handling): bytes changed on their way, or the peer counts wrongly.</summary>
    DigestError,

    /// <summary>Our own side gave up: an exception that should not happen.</summary>
    InternalError,

    /// <summary>The local owner closed it (initiator disconnect, dispose).</summary>
    LocalClose,

    /// <summary>The process is stopping.</summary>
    ProcessStop,

    /// <summary>The RDMA device failed or was removed.</summary>
    DeviceRemoved,

    /// <summary>The host, or the controller, did not prove who it is (NVMe Base, DH-HMAC-CHAP).</summary>
    AuthenticationFailed,
}
