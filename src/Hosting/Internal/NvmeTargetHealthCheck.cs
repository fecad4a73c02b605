using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Hosting.Internal;

/// <summary>
/// Unhealthy: the target does not listen, or a listener stopped accepting. Degraded: memory is in quarantine, or was written to after its release, or a
/// disk could not make data durable. Healthy otherwise. Added by <c>AddHealthChecks().AddNvmeTarget()</c>.
/// </summary>
internal sealed class NvmeTargetHealthCheck(TargetRuntime runtime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        BufferPoolStatistics pool = runtime.Pool.Statistics;
        IReadOnlyList<TargetListener> listeners = runtime.Listeners.Listeners;
        var data = new Dictionary<string, object>
        {
            ["listeners"] = listeners.Count,
            ["queuePairs"] = runtime.Target.QueuePairs.Count,
            ["rentedBytes"] = pool.RentedBytes,
            ["quarantinedBytes"] = pool.QuarantinedBytes,
            ["poisonViolations"] = pool.PoisonViolations,
            ["faultyDisks"] = Faults().Count(),
        };
        HealthStatus failure = context.Registration.FailureStatus;
        return Task.FromResult(Judge(listeners, pool, failure, data));
    }

    private HealthCheckResult Judge(IReadOnlyList<TargetListener> listeners, BufferPoolStatistics pool, HealthStatus failure, Dictionary<string, object> data)
    {
        if (!runtime.IsListening)
        {
            return new HealthCheckResult(failure, "The target is not listening.", data: data);
        }

        if (listeners.FirstOrDefault(l => !l.IsAccepting && !l.Info.Removing) is { } deaf)
        {
            return new HealthCheckResult(failure, $"The listener {deaf.Address} does not accept any more.", data: data);
        }

        if (pool.PoisonViolations > 0)
        {
            return HealthCheckResult.Degraded($"{pool.PoisonViolations} buffers were written to after their release.", data: data);
        }

        if (Faults().FirstOrDefault() is { } fault)
        {
            return HealthCheckResult.Degraded(fault, data: data);
        }

        return pool.QuarantinedBytes > 0
            ? HealthCheckResult.Degraded($"{pool.QuarantinedBytes} bytes of buffer memory are in quarantine.", data: data)
            : HealthCheckResult.Healthy("The target is listening.", data);
    }

    private IEnumerable<string> Faults() => runtime.Target.Subsystems.SelectMany(s => s.Namespaces).Select(n => n.Backend.Fault).OfType<string>();
}
