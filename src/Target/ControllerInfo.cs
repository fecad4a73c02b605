using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target;

/// <summary>A controller (one host's association with a subsystem) at one moment, for diagnosis.</summary>
/// <param name="Id">Controller identifier.</param>
/// <param name="SubsystemNqn">The subsystem.</param>
/// <param name="HostNqn">The host; may be empty.</param>
/// <param name="HostId">Host identifier.</param>
/// <param name="State">State of the controller.</param>
/// <param name="IoQueues">I/O queues connected.</param>
/// <param name="KeepAliveTimeout">KATO after rounding; zero when disabled.</param>
/// <param name="Cause">Why the association is being ended, or None.</param>
public sealed record ControllerInfo(
    ushort Id,
    string SubsystemNqn,
    string HostNqn,
    Guid HostId,
    ControllerState State,
    int IoQueues,
    TimeSpan KeepAliveTimeout,
    TeardownCause Cause);
