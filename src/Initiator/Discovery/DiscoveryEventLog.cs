using System.Net;
using Microsoft.Extensions.Logging;

namespace Nvmf.Initiator.Discovery;

internal sealed partial class DiscoveryEventLog(ILogger<NvmeAutoConnect> logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1, LogLevel.Warning, "The discovery controller at {EndPoint} could not be read.")]
    public partial void DiscoveryFailed(Exception error, EndPoint endPoint);

    [LoggerMessage(2, LogLevel.Information, "Discovery log of {EndPoint}, generation {Generation}: {Paths} paths, {Referrals} referrals, {Skipped} entries not used.")]
    public partial void LogRead(EndPoint endPoint, ulong generation, int paths, int referrals, int skipped);

    [LoggerMessage(3, LogLevel.Information, "{Subsystem} can be reached by {EndPoint}.")]
    public partial void PathAppeared(string subsystem, EndPoint endPoint);

    [LoggerMessage(4, LogLevel.Information, "{Subsystem} is no longer listed at {EndPoint}.")]
    public partial void PathVanished(string subsystem, EndPoint endPoint);

    [LoggerMessage(5, LogLevel.Warning, "{Subsystem} at {EndPoint} is left out: {Reason}.")]
    public partial void LeftOut(string subsystem, EndPoint endPoint, string reason);

    [LoggerMessage(6, LogLevel.Error, "{Subsystem} is not connected: its options could not be had.")]
    public partial void SelectFailed(Exception error, string subsystem);

    [LoggerMessage(7, LogLevel.Error, "The paths could not be brought in line with the discovery logs.")]
    public partial void ReconcileFailed(Exception error);
}
