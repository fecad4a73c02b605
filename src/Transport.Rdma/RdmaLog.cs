using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Rdma;

/// <summary>Log messages.</summary>
internal static partial class RdmaLog
{
    [LoggerMessage(10, LogLevel.Warning, "An RDMA {Kind} could not be destroyed: {Error}; it is leaked.")]
    public static partial void NotDestroyed(ILogger logger, string kind, string error);

    [LoggerMessage(11, LogLevel.Debug, "{EndPoint}: connection request of {Remote} rejected with {Reason}.")]
    public static partial void Rejected(ILogger logger, EndPoint endPoint, EndPoint? remote, string reason);

    [LoggerMessage(12, LogLevel.Debug, "Queue pair {Id} ended: {Cause}, {LastStage}; {Quarantined} bytes in quarantine, {LateEvents} late events, {Elapsed}.")]
    public static partial void Ended(ILogger logger, string id, TeardownCause cause, QueuePairState lastStage, long quarantined, long lateEvents, TimeSpan elapsed);

    [LoggerMessage(13, LogLevel.Error, "Queue pair {Id}: a handler failed; closing.")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string id);

    [LoggerMessage(14, LogLevel.Information, "Queue pair {Id}: {RemoteEndPoint} broke the protocol: {Fault}; closing.")]
    public static partial void ProtocolError(ILogger logger, string id, EndPoint? remoteEndPoint, string fault);

    [LoggerMessage(15, LogLevel.Warning, "RDMA device {Device}: {Event}.")]
    public static partial void DeviceEvent(ILogger logger, string device, AsyncEventType @event);

    [LoggerMessage(16, LogLevel.Error, "Queue pair {Id}: {Bytes} bytes are quarantined, because the adapter has not let go of them.")]
    public static partial void Quarantined(ILogger logger, string id, long bytes);

    [LoggerMessage(17, LogLevel.Debug, "Queue pair {Id}: established with {RemoteEndPoint}, {ReceiveDepth} receives, {SendDepth} sends, {Reads} reads.")]
    public static partial void Established(ILogger logger, string id, EndPoint? remoteEndPoint, int receiveDepth, int sendDepth, int reads);

    [LoggerMessage(18, LogLevel.Error, "{EndPoint} cannot be listened on any more: {Error}.")]
    public static partial void ListenerLost(ILogger logger, EndPoint endPoint, string error);

    [LoggerMessage(20, LogLevel.Debug, "Queue pair {Id}: last work request reached.")]
    public static partial void LastWorkRequestReached(ILogger logger, string id);

    [LoggerMessage(21, LogLevel.Debug, "Queue pair {Id}: last work request reached did not come within {Deadline}; going on without.")]
    public static partial void LastWorkRequestMissing(ILogger logger, string id, TimeSpan deadline);

    [LoggerMessage(22, LogLevel.Debug, "Queue pair {Id}: {Sends} sends and {Receives} receives were not flushed within {Deadline}; going on without.")]
    public static partial void FlushMissing(ILogger logger, string id, int sends, int receives, TimeSpan deadline);

    [LoggerMessage(19, LogLevel.Error, "{EndPoint}: the RDMA device {Device} cannot be used: {Error}.")]
    public static partial void DeviceUnusable(ILogger logger, EndPoint? endPoint, string device, string error);
}
