using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nvmf.Hosting.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health of the NVMe over Fabrics target of this host.</summary>
public static class NvmeTargetHealthChecksExtensions
{
    /// <summary>
    /// Adds a check of the target: unhealthy when it does not listen or a listener stopped accepting; degraded when memory is in quarantine or was written to after its
    /// release.
    /// </summary>
    /// <param name="builder">The health checks of the host, which has a target by <c>UseNvmeTransport()</c>.</param>
    /// <param name="name">Name of the check.</param>
    /// <param name="failureStatus">What to report in place of unhealthy.</param>
    /// <param name="tags">Tags to select the check by.</param>
    public static IHealthChecksBuilder AddNvmeTarget(
        this IHealthChecksBuilder builder, string name = "nvme", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            s => new NvmeTargetHealthCheck(s.GetService<TargetRuntime>()
                ?? throw new InvalidOperationException("AddNvmeTarget() needs a target: call UseNvmeTransport() on the host first.")),
            failureStatus,
            tags));
    }
}
