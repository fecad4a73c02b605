using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Hosting.Internal;

/// <summary>Messages of the category <c>Nvmf.Hosting</c>.</summary>
internal static partial class HostingLog
{
    public const string Category = "Nvmf.Hosting";

    [LoggerMessage(1, LogLevel.Information, "Listening on {Address}.", EventName = "ListenerAdded")]
    public static partial void ListenerAdded(ILogger logger, FabricsAddress address);

    [LoggerMessage(2, LogLevel.Information, "Removed the listener {Address} and drained {QueuePairs} queue pairs.", EventName = "ListenerRemoved")]
    public static partial void ListenerRemoved(ILogger logger, FabricsAddress address, int queuePairs);

    [LoggerMessage(3, LogLevel.Error, "Accepting on {Address} failed; trying again.", EventName = "AcceptFailed")]
    public static partial void AcceptFailed(ILogger logger, FabricsAddress address, Exception error);

    [LoggerMessage(4, LogLevel.Error, "Queue pair {Id} could not be started.", EventName = "QueuePairNotStarted")]
    public static partial void QueuePairNotStarted(ILogger logger, string id, Exception error);

    [LoggerMessage(5, LogLevel.Debug, "Namespace {Nsid} of {Nqn} is {Disk}.", EventName = "NamespaceOpened")]
    public static partial void NamespaceOpened(ILogger logger, uint nsid, string nqn, string disk);

    [LoggerMessage(6, LogLevel.Information, "Drained {QueuePairs} queue pairs in {Milliseconds:0} ms.", EventName = "Stopped")]
    public static partial void Stopped(ILogger logger, int queuePairs, double milliseconds);

    [LoggerMessage(7, LogLevel.Warning, "The host's shutdown time is almost over: aborting {QueuePairs} queue pairs that have not drained.", EventName = "StopAborting")]
    public static partial void StopAborting(ILogger logger, int queuePairs);

    [LoggerMessage(8, LogLevel.Error, "The host's shutdown time is over, and {QueuePairs} queue pairs have not ended.", EventName = "StopTimedOut")]
    public static partial void StopTimedOut(ILogger logger, int queuePairs);

    [LoggerMessage(9, LogLevel.Debug,
        "Queue pair {Id} ended: {Cause}, drained {DrainedBytes} bytes in {Milliseconds:0} ms.", EventName = "QueuePairDrained")]
    public static partial void QueuePairDrained(ILogger logger, string id, TeardownCause cause, long drainedBytes, double milliseconds);

    [LoggerMessage(10, LogLevel.Information,
        "Queue pair {Id} was aborted: {Cause}, drained {DrainedBytes} bytes, aborted {AbortedBytes} bytes, abandoned {AbandonedCommands} commands in {Milliseconds:0} ms.",
        EventName = "QueuePairAborted")]
    public static partial void QueuePairAborted(
        ILogger logger, string id, TeardownCause cause, long drainedBytes, long abortedBytes, int abandonedCommands, double milliseconds);

    [LoggerMessage(11, LogLevel.Error,
        "Queue pair {Id} ended without proof for {QuarantinedBytes} bytes, which are not used again: {Cause}, abandoned {AbandonedCommands} commands in {Milliseconds:0} ms.",
        EventName = "QueuePairQuarantined")]
    public static partial void QueuePairQuarantined(
        ILogger logger, string id, TeardownCause cause, long quarantinedBytes, int abandonedCommands, double milliseconds);

    [LoggerMessage(16, LogLevel.Information,
        "The listener {Address} leaves the discovery log; hosts have {Grace} to leave before it is removed.", EventName = "ListenerLeaving")]
    public static partial void ListenerLeaving(ILogger logger, FabricsAddress address, TimeSpan grace);

    [LoggerMessage(12, LogLevel.Error, "The listener {Address} did not stop accepting in order.", EventName = "UnbindFailed")]
    public static partial void UnbindFailed(ILogger logger, FabricsAddress address, Exception error);

    [LoggerMessage(13, LogLevel.Information, "Relaying {Address} to {Upstreams}.", EventName = "RelayAdded")]
    public static partial void RelayAdded(ILogger logger, FabricsAddress address, string upstreams);

    [LoggerMessage(14, LogLevel.Information, "Removed the relay on {Address} and drained {Relays} connections.", EventName = "RelayRemoved")]
    public static partial void RelayRemoved(ILogger logger, FabricsAddress address, int relays);

    [LoggerMessage(15, LogLevel.Error, "Connection {Id} could not be relayed.", EventName = "RelayNotStarted")]
    public static partial void RelayNotStarted(ILogger logger, string id, Exception error);
}
