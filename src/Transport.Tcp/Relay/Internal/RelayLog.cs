using System.Net;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>Messages of relays.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(1, LogLevel.Debug, "Relay {Id} from {Downstream} to {Upstream} (splicing: {Splicing}).", EventName = "RelayStarted")]
    public static partial void Started(ILogger logger, string id, EndPoint? downstream, EndPoint? upstream, bool splicing);

    [LoggerMessage(2, LogLevel.Debug, "Relay {Id} ended: {Cause}, {Up} bytes to the upstream, {Down} bytes back.", EventName = "RelayEnded")]
    public static partial void Ended(ILogger logger, string id, TeardownCause cause, long up, long down);

    [LoggerMessage(3, LogLevel.Warning, "The upstream {Upstream} cannot be reached: {Reason}", EventName = "UpstreamDown")]
    public static partial void UpstreamDown(ILogger logger, EndPoint upstream, string reason);

    [LoggerMessage(4, LogLevel.Information, "The upstream {Upstream} can be reached again.", EventName = "UpstreamUp")]
    public static partial void UpstreamUp(ILogger logger, EndPoint upstream);
}
