using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target;

/// <summary>A queue pair at one moment, for diagnosis.</summary>
/// <param name="Id">Connection identifier.</param>
/// <param name="TransportType">Transport.</param>
/// <param name="State">Stage of its life.</param>
/// <param name="References">Why it is kept alive.</param>
/// <param name="Cause">Why it is being torn down, or None.</param>
/// <param name="LocalEndPoint">Our address.</param>
/// <param name="RemoteEndPoint">The host's address.</param>
/// <param name="HostNqn">The host; empty before Connect, and for hosts that give none.</param>
/// <param name="SubsystemNqn">The subsystem; null before Connect.</param>
/// <param name="ControllerId">The controller; null before Connect.</param>
/// <param name="QueueId">0 for the admin queue; null before Connect.</param>
/// <param name="QueueSize">Entries of the queue; 0 before Connect.</param>
/// <param name="Commands">Commands received so far.</param>
public sealed record QueuePairInfo(
    string Id,
    NvmeTransportType TransportType,
    QueuePairState State,
    QueuePairReferences References,
    TeardownCause Cause,
    EndPoint? LocalEndPoint,
    EndPoint? RemoteEndPoint,
    string HostNqn,
    string? SubsystemNqn,
    ushort? ControllerId,
    ushort? QueueId,
    int QueueSize,
    long Commands);
