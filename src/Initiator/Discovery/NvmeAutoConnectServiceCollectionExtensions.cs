using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator;
using Nvmf.Initiator.Discovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Automatic connects in any host.</summary>
public static class NvmeAutoConnectServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="NvmeAutoConnect"/> that starts and ends with the host, and an <see cref="NvmeHost"/> unless there is one already; that one has the
    /// <see cref="IHostQueuePairConnector"/> services as further transports. Both are disposed with the services, which must happen asynchronously.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="options">Where to look and what to connect; mistakes in it fail the start.</param>
    public static IServiceCollection AddNvmeAutoConnect(this IServiceCollection services, NvmeAutoConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddLogging();
        services.TryAddSingleton(static s => new NvmeHost(loggerFactory: s.GetRequiredService<ILoggerFactory>(), connectors: s.GetServices<IHostQueuePairConnector>()));
        services.AddSingleton(s => new NvmeAutoConnect(s.GetRequiredService<NvmeHost>(), options, s.GetRequiredService<ILoggerFactory>()));
        services.AddHostedService<AutoConnectHostedService>();
        return services;
    }

    private sealed class AutoConnectHostedService(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            // It works from construction on.
            services.GetRequiredService<NvmeAutoConnect>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) =>
            services.GetRequiredService<NvmeAutoConnect>().DisposeAsync().AsTask().WaitAsync(cancellationToken);
    }
}
