using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting;
using Nvmf.Hosting.Internal;
using Nvmf.Hosting.Kestrel;
using Nvmf.Hosting.Relay;
using Nvmf.Target;
using Nvmf.Transport.Rdma;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;
using Nvmf.Transport.Tcp.Relay;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>NVMe over Fabrics in any host.</summary>
public static class NvmeTransportServiceCollectionExtensions
{
    /// <summary>
    /// Adds an NVMe over Fabrics target that starts and stops with the host, and <see cref="INvmeTargetControl"/> to change it meanwhile. Calling it again
    /// only adds <paramref name="configure"/>.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes the options after the configuration section <c>Nvme</c> was bound.</param>
    public static IServiceCollection AddNvmeTransport(this IServiceCollection services, Action<NvmeTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.AddMetrics();
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<NvmeTransportOptions>, ConfigureFromConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<NvmeTransportOptions>, ValidateTransportOptions>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(CreatePool);
        services.TryAddSingleton(s => new TcpEngine(
            s.GetRequiredService<IOptions<NvmeTransportOptions>>(),
            s.GetRequiredService<IOptions<TcpTransportOptions>>(),
            s.GetRequiredService<BufferPool>(),
            s.GetRequiredService<ILoggerFactory>(),
            s.GetService<TimeProvider>()));
        services.TryAddSingleton(s => new TcpQueuePairListenerFactory(
            s.GetRequiredService<TcpEngine>().Connections,
            s.GetRequiredService<BufferPool>(),
            s.GetRequiredService<IOptions<TcpQueuePairOptions>>().Value,
            s.GetRequiredService<ILoggerFactory>(),
            s.GetService<TimeProvider>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IQueuePairListenerFactory, TcpQueuePairListenerFactory>(
            s => s.GetRequiredService<TcpQueuePairListenerFactory>()));
        services.TryAddSingleton(s => new RdmaEngine(
            s.GetRequiredService<IOptions<NvmeTransportOptions>>(),
            s.GetRequiredService<IOptions<RdmaTransportOptions>>(),
            s.GetRequiredService<BufferPool>(),
            s.GetRequiredService<ILoggerFactory>(),
            s.GetService<TimeProvider>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IQueuePairListenerFactory, RdmaEngine>(
            s => s.GetRequiredService<RdmaEngine>()));
        services.TryAddSingleton(s => new TargetRuntime(
            s.GetRequiredService<IOptions<NvmeTransportOptions>>(),
            s.GetRequiredService<IOptions<NvmeTargetOptions>>(),
            s.GetRequiredService<BufferPool>(),
            s.GetServices<IQueuePairListenerFactory>(),
            s.GetRequiredService<QueuePairEnds>(),
            s,
            s.GetRequiredService<ILoggerFactory>(),
            s.GetService<TimeProvider>()));
        services.TryAddSingleton(s => new RelayRuntime(
            s.GetRequiredService<IOptions<NvmeTransportOptions>>(),
            s.GetRequiredService<IOptions<RelayOptions>>(),
            s.GetRequiredService<TcpEngine>(),
            s.GetRequiredService<QueuePairEnds>(),
            s.GetRequiredService<ILoggerFactory>()));
        services.TryAddSingleton<INvmeRelayControl>(s => s.GetRequiredService<RelayRuntime>());
        services.TryAddSingleton<HostingMetrics>();
        services.TryAddSingleton<QueuePairEnds>();
        services.TryAddSingleton<NvmeEndPoints>();
        services.TryAddSingleton<KestrelPorts>();
        services.TryAddSingleton<INvmeTargetControl, NvmeTargetControl>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NvmeTargetHostedService>());
        return services;
    }

    private static BufferPool CreatePool(IServiceProvider services)
    {
        NvmeTransportOptions options = services.GetRequiredService<IOptions<NvmeTransportOptions>>().Value;
        _ = ByteSize.TryParse(options.PoolLimit, out long limit, out _);
        return new BufferPool(new BufferPoolOptions { LimitInBytes = limit, Poison = options.Poison });
    }
}
