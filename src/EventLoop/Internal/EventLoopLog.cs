using Microsoft.Extensions.Logging;

namespace Nvmf.EventLoop.Internal;

internal static partial class EventLoopLog
{
    [LoggerMessage(1, LogLevel.Error, "A callback of {Owner} threw on event loop {Loop}.", EventName = "CallbackFailed")]
    public static partial void CallbackFailed(ILogger logger, Exception exception, string loop, string owner);

    [LoggerMessage(2, LogLevel.Warning, "Event loop {Loop} could not be pinned to processor {Processor} (errno {Errno}).", EventName = "PinFailed")]
    public static partial void PinFailed(ILogger logger, string loop, int processor, int errno);

    [LoggerMessage(3, LogLevel.Error, "Event loop {Loop} did not end within {Timeout}.", EventName = "StopTimedOut")]
    public static partial void StopTimedOut(ILogger logger, string loop, TimeSpan timeout);

    [LoggerMessage(4, LogLevel.Debug, "Event loop {Loop} ended.", EventName = "Ended")]
    public static partial void Ended(ILogger logger, string loop);

    [LoggerMessage(
        5, LogLevel.Error, "Event loop {Loop} was disposed of with {Registrations} descriptors still registered: their owners end without it.", EventName = "EndedEarly")]
    public static partial void EndedEarly(ILogger logger, string loop, int registrations);

    [LoggerMessage(6, LogLevel.Debug, "Event loop {Loop} cannot let other threads go first (errno {Errno}).", EventName = "YieldRefused")]
    public static partial void YieldRefused(ILogger logger, string loop, int errno);
}
