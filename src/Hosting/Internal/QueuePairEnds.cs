using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Hosting.Internal;

/// <summary>Counts every <see cref="DrainReport"/>, and logs it as loudly as it deserves.</summary>
internal sealed class QueuePairEnds(ILoggerFactory loggers, HostingMetrics metrics)
{
    private readonly ILogger _logger = loggers.CreateLogger(HostingLog.Category);

    public void Record(DrainReport report)
    {
        metrics.Record(report);
        if (report.QuarantinedBytes > 0)
        {
            HostingLog.QueuePairQuarantined(
                _logger, report.QueuePairId, report.Cause, report.QuarantinedBytes, report.AbandonedCommands, report.Elapsed.TotalMilliseconds);
        }
        else if (report.AbortedBytes > 0 || report.AbandonedCommands > 0)
        {
            HostingLog.QueuePairAborted(
                _logger, report.QueuePairId, report.Cause, report.DrainedBytes, report.AbortedBytes, report.AbandonedCommands, report.Elapsed.TotalMilliseconds);
        }
        else
        {
            HostingLog.QueuePairDrained(_logger, report.QueuePairId, report.Cause, report.DrainedBytes, report.Elapsed.TotalMilliseconds);
        }
    }
}
