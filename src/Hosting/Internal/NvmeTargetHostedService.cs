using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Internal;

/// <summary>Ties target and relays to the host's life: disks open before any server starts, and close after every server stopped.</summary>
internal sealed class NvmeTargetHostedService(TargetRuntime runtime, RelayRuntime relays, IOptions<HostOptions> hostOptions) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => runtime.OpenAsync(cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A host that knows no stages has not called StartingAsync.
        await runtime.OpenAsync(cancellationToken).ConfigureAwait(false);
        await runtime.ListenAsync(cancellationToken).ConfigureAwait(false);
        await relays.ListenAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        relays.DrainAsync(hostOptions.Value.ShutdownTimeout, cancellationToken),
        runtime.DrainAsync(hostOptions.Value.ShutdownTimeout, cancellationToken));

    /// <exception cref="IOException">A disk could not make written data durable: the end of the process must not look as if all were well.</exception>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        NamespaceBackend[] disks = [.. runtime.Target.Subsystems.SelectMany(s => s.Namespaces).Select(n => n.Backend)];
        await runtime.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (disks.Select(disk => disk.Fault).FirstOrDefault(fault => fault is not null) is { } fault)
        {
            throw new IOException(fault);
        }
    }
}
