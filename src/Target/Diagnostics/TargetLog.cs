using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target.Diagnostics;

/// <summary>Log messages of category "Nvmf.Target".</summary>
internal static partial class TargetLog
{
    [LoggerMessage(1, LogLevel.Information, "Controller {ControllerId} of {Subsystem} created for host \"{HostNqn}\" on {QueuePairId}, keep-alive {KeepAlive}")]
    public static partial void ControllerCreated(ILogger logger, ushort controllerId, string subsystem, string hostNqn, string queuePairId, TimeSpan keepAlive);

    [LoggerMessage(2, LogLevel.Debug, "Controller {ControllerId} of {Subsystem} is {State}")]
    public static partial void ControllerState(ILogger logger, ushort controllerId, string subsystem, ControllerState state);

    [LoggerMessage(3, LogLevel.Information, "Controller {ControllerId} of {Subsystem} for host \"{HostNqn}\" ended: {Cause}")]
    public static partial void ControllerEnded(ILogger logger, ushort controllerId, string subsystem, string hostNqn, TeardownCause cause);

    [LoggerMessage(4, LogLevel.Information, "Connect on {QueuePairId} refused ({Status}): {Reason}")]
    public static partial void ConnectRefused(ILogger logger, string queuePairId, NvmeStatus status, string reason);

    [LoggerMessage(5, LogLevel.Debug, "Queue pair {QueuePairId} (queue {QueueId}) closed: {Cause}, {AbandonedCommands} commands abandoned")]
    public static partial void QueuePairClosed(ILogger logger, string queuePairId, ushort queueId, TeardownCause cause, int abandonedCommands);

    [LoggerMessage(6, LogLevel.Error, "Command {CommandId} of {QueuePairId} (queue {QueueId}) failed unexpectedly")]
    public static partial void UnexpectedException(ILogger logger, Exception exception, string queuePairId, ushort queueId, ushort commandId);

    [LoggerMessage(7, LogLevel.Error, "The back end of namespace {NamespaceId} threw at command {CommandId} of {QueuePairId}")]
    public static partial void BackendException(ILogger logger, Exception exception, uint namespaceId, string queuePairId, ushort commandId);

    [LoggerMessage(8, LogLevel.Error, "A back end completed command {CommandId} of {QueuePairId} (queue {QueueId}) twice")]
    public static partial void CompletedTwice(ILogger logger, string queuePairId, ushort queueId, ushort commandId);

    [LoggerMessage(9, LogLevel.Information, "Namespace {NamespaceId} of {Subsystem} added: {BlockCount} blocks of {BlockSize} bytes")]
    public static partial void NamespaceAdded(ILogger logger, uint namespaceId, string subsystem, ulong blockCount, int blockSize);

    [LoggerMessage(10, LogLevel.Information, "Namespace {NamespaceId} of {Subsystem} removed")]
    public static partial void NamespaceRemoved(ILogger logger, uint namespaceId, string subsystem);

    [LoggerMessage(11, LogLevel.Warning, "Namespace {NamespaceId} of {Subsystem} was removed without its back end, which did not finish within {Timeout}")]
    public static partial void NamespaceStuck(ILogger logger, uint namespaceId, string subsystem, TimeSpan timeout);

    [LoggerMessage(12, LogLevel.Error, "The back end of namespace {NamespaceId} of {Subsystem} threw when it was disposed")]
    public static partial void DisposeFailed(ILogger logger, Exception exception, uint namespaceId, string subsystem);

    [LoggerMessage(13, LogLevel.Error, "Namespace {NamespaceId} could not be flushed for the shutdown of controller {ControllerId}: {Status}")]
    public static partial void FlushRefused(ILogger logger, ushort controllerId, uint namespaceId, NvmeStatus status);

    [LoggerMessage(14, LogLevel.Error, "Namespace {NamespaceId} could not be flushed for the shutdown of controller {ControllerId}")]
    public static partial void FlushFailed(ILogger logger, Exception exception, ushort controllerId, uint namespaceId);

    [LoggerMessage(15, LogLevel.Error, "Namespace {NamespaceId} of {Subsystem}: {Fault}")]
    public static partial void BackendFaulted(ILogger logger, uint namespaceId, string subsystem, string? fault);

    [LoggerMessage(16, LogLevel.Information, "Connect on {QueuePairId} waits for {Queues} queues of the last association of {Host} to become idle")]
    public static partial void ConnectWaits(ILogger logger, string queuePairId, string host, int queues);

    [LoggerMessage(30, LogLevel.Debug, "\"{HostNqn}\" has authenticated to {Subsystem} on {QueuePairId} (queue {QueueId}): {Hash}, {Group}, mutual: {Mutual}")]
    public static partial void Authenticated(
        ILogger logger, string hostNqn, string subsystem, string queuePairId, ushort queueId, DhChapHash hash, DhChapGroup group, bool mutual);

    [LoggerMessage(31, LogLevel.Information, "Authentication of \"{HostNqn}\" to {Subsystem} on {QueuePairId} (queue {QueueId}) failed: {Reason}")]
    public static partial void AuthenticationFailed(ILogger logger, string hostNqn, string subsystem, string queuePairId, ushort queueId, DhChapFailureReason reason);

    [LoggerMessage(32, LogLevel.Information, "\"{HostNqn}\" did not authenticate to {Subsystem} on {QueuePairId} (queue {QueueId}) in time")]
    public static partial void AuthenticationTimedOut(ILogger logger, string hostNqn, string subsystem, string queuePairId, ushort queueId);

    [LoggerMessage(33, LogLevel.Information, "Authentication of \"{HostNqn}\" to {Subsystem} on {QueuePairId} (queue {QueueId}) is put off: too many hosts authenticate")]
    public static partial void AuthenticationPutOff(ILogger logger, string hostNqn, string subsystem, string queuePairId, ushort queueId);

    [LoggerMessage(17, LogLevel.Error, "The back end of namespace {NamespaceId} lent {Lent} bytes for a read of {Wanted}, command {CommandId} of {QueuePairId}")]
    public static partial void WrongLoan(ILogger logger, uint namespaceId, long lent, uint wanted, ushort commandId, string queuePairId);

    [LoggerMessage(18, LogLevel.Information, "Namespace {NamespaceId} of {Subsystem}: host {HostId} preempted {Hosts} hosts; the reservation is {Type}")]
    public static partial void Preempted(ILogger logger, uint namespaceId, string subsystem, Guid hostId, int hosts, ReservationType type);

    [LoggerMessage(19, LogLevel.Warning, "Namespace {NamespaceId} of {Subsystem}: commands of preempted hosts are still at the back end after {Timeout}")]
    public static partial void PreemptionStuck(ILogger logger, uint namespaceId, string subsystem, TimeSpan timeout);

    [LoggerMessage(20, LogLevel.Error, "Namespace {NamespaceId} of {Subsystem}: the reservation file could not be written")]
    public static partial void ReservationFileFailed(ILogger logger, Exception exception, uint namespaceId, string subsystem);
}
