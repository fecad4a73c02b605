using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    [LoggerMessage(1, LogLevel.Information, "Connected to {Subsystem} at {EndPoint}: controller {ControllerId}, {IoQueues} I/O queues.")]
    private partial void LogConnected(string subsystem, EndPoint endPoint, ushort controllerId, int ioQueues);

    [LoggerMessage(2, LogLevel.Information, "The association with {Subsystem} at {EndPoint} has ended: {Cause}.")]
    private partial void LogEnded(string subsystem, EndPoint endPoint, TeardownCause cause);

    [LoggerMessage(3, LogLevel.Warning, "Keep Alive failed.")]
    private partial void LogKeepAliveFailed(Exception error);

    [LoggerMessage(4, LogLevel.Warning, "The controller did not shut down in order.")]
    private partial void LogShutdownFailed(Exception error);

    [LoggerMessage(5, LogLevel.Debug, "Abort of command {CommandId} on queue {QueueId}.")]
    private partial void LogAbort(ushort queueId, ushort commandId);

    [LoggerMessage(6, LogLevel.Warning, "Abort of command {CommandId} on queue {QueueId} failed.")]
    private partial void LogAbortFailed(Exception error, ushort queueId, ushort commandId);

    [LoggerMessage(7, LogLevel.Error,
        "{Command} on queue {QueueId} to {EndPoint} will never end: nobody proved that its {Bytes} bytes are off the wire, so they cannot be given back.")]
    private partial void LogQuarantined(string command, ushort queueId, EndPoint endPoint, int bytes);
}
