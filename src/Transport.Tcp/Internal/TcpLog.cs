using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Event ids and names 4–8, 14 and 19 are those of Kestrel's transports.</summary>
internal static partial class TcpLog
{
    [LoggerMessage(4, LogLevel.Debug, @"Connection id ""{ConnectionId}"" paused.", EventName = "ConnectionPause")]
    public static partial void ConnectionPause(ILogger logger, string connectionId);

    [LoggerMessage(5, LogLevel.Debug, @"Connection id ""{ConnectionId}"" resumed.", EventName = "ConnectionResume")]
    public static partial void ConnectionResume(ILogger logger, string connectionId);

    [LoggerMessage(6, LogLevel.Debug, @"Connection id ""{ConnectionId}"" received FIN.", EventName = "ConnectionReadFin")]
    public static partial void ConnectionReadFin(ILogger logger, string connectionId);

    [LoggerMessage(7, LogLevel.Debug, @"Connection id ""{ConnectionId}"" sending FIN because: ""{Reason}""", EventName = "ConnectionWriteFin")]
    public static partial void ConnectionWriteFin(ILogger logger, string connectionId, string reason);

    [LoggerMessage(8, LogLevel.Debug, @"Connection id ""{ConnectionId}"" sending RST because: ""{Reason}""", EventName = "ConnectionWriteRst")]
    public static partial void ConnectionWriteRst(ILogger logger, string connectionId, string reason);

    [LoggerMessage(14, LogLevel.Debug, @"Connection id ""{ConnectionId}"" communication error.", EventName = "ConnectionError")]
    public static partial void ConnectionError(ILogger logger, Exception exception, string connectionId);

    [LoggerMessage(19, LogLevel.Debug, @"Connection id ""{ConnectionId}"" reset.", EventName = "ConnectionReset")]
    public static partial void ConnectionReset(ILogger logger, string connectionId);

    [LoggerMessage(30, LogLevel.Debug, @"Connection id ""{ConnectionId}"" ended: {Cause}, last stage {LastStage}, {Drained} bytes drained, {Aborted} aborted, {Elapsed}.",
        EventName = "ConnectionEnded")]
    public static partial void ConnectionEnded(
        ILogger logger, string connectionId, TeardownCause cause, QueuePairState lastStage, long drained, long aborted, TimeSpan elapsed);

    [LoggerMessage(31, LogLevel.Error, @"Connection id ""{ConnectionId}"": the kernel has not let go of {Bytes} bytes; they are quarantined.",
        EventName = "MemoryQuarantined")]
    public static partial void MemoryQuarantined(ILogger logger, string connectionId, long bytes);

    [LoggerMessage(32, LogLevel.Debug, @"Connection id ""{ConnectionId}"" cannot send without copying (errno {Errno}).", EventName = "ZeroCopyNotEnabled")]
    public static partial void ZeroCopyNotEnabled(ILogger logger, string connectionId, int errno);

    [LoggerMessage(33, LogLevel.Warning, "Accepting on {EndPoint} pauses for {Delay}: {Error}.", EventName = "AcceptBackOff")]
    public static partial void AcceptBackOff(ILogger logger, EndPoint endPoint, TimeSpan delay, string error);

    [LoggerMessage(34, LogLevel.Error, "Accepting on {EndPoint} failed for good: {Error}.", EventName = "AcceptFailed")]
    public static partial void AcceptFailed(ILogger logger, EndPoint endPoint, string error);

    [LoggerMessage(35, LogLevel.Error, @"Connection id ""{ConnectionId}"": its protocol handler threw.", EventName = "HandlerFailed")]
    public static partial void HandlerFailed(ILogger logger, Exception exception, string connectionId);

    [LoggerMessage(38, LogLevel.Error, @"Connection id ""{ConnectionId}"": a callback of ConnectionClosed threw.", EventName = "ConnectionClosedFailed")]
    public static partial void ConnectionClosedFailed(ILogger logger, Exception exception, string connectionId);

    [LoggerMessage(37, LogLevel.Debug, "The file of {EndPoint} could not be deleted.", EventName = "PathNotDeleted")]
    public static partial void PathNotDeleted(ILogger logger, Exception exception, EndPoint endPoint);

    [LoggerMessage(36, LogLevel.Warning, @"Connection id ""{ConnectionId}"" could not be dissolved (errno {Errno}).", EventName = "DisconnectFailed")]
    public static partial void DisconnectFailed(ILogger logger, string connectionId, int errno);
}
