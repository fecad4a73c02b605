using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>A Connect command whose fields are well formed.</summary>
/// <param name="Queue">The queue that wants to be connected.</param>
/// <param name="SubsystemNqn">Subsystem.</param>
/// <param name="HostNqn">Host; may be empty.</param>
/// <param name="HostId">Host identifier.</param>
/// <param name="ControllerId">CNTLID as sent.</param>
/// <param name="Parameters">Queue identifier, size and flow control.</param>
/// <param name="KeepAliveMilliseconds">KATO as sent.</param>
internal sealed record ConnectRequest(
    TargetQueue Queue,
    string SubsystemNqn,
    string HostNqn,
    Identifier128 HostId,
    ushort ControllerId,
    QueuePairParameters Parameters,
    uint KeepAliveMilliseconds);
