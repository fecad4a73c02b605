using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Nvmf.Hosting;
using Nvmf.Hosting.Kestrel;
using Nvmf.Transport.Tcp;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>NVMe over Fabrics in a web host.</summary>
public static class NvmeTransportWebHostExtensions
{
    /// <summary>
    /// Adds an NVMe over Fabrics target to a web host, beside its ordinary end points, and offers its zero-copy transport to Kestrel for end points with
    /// <see cref="ListenOptionsNvmeExtensions.UseNvmeTarget"/>, and for ordinary ones with <see cref="ListenOptionsTcpTransportExtensions.UseTcpTransport"/>. Before or after UseKestrel; calling it again only adds <paramref name="configure"/>.
    /// </summary>
    public static IWebHostBuilder UseNvmeTransport(this IWebHostBuilder builder, Action<NvmeTransportOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);

        // Kestrel adds its Sockets transport only where no other is registered, and ordinary end points need it.
        builder.UseSockets();
        return builder.ConfigureServices(services =>
        {
            services.AddNvmeTransport(configure);
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, KestrelListenerFactory>());
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, TcpTransportListenerFactory>());
            if (services.Any(s => s.ServiceType == typeof(TcpTransportEndPoints)))
            {
                return;
            }

            services.AddSingleton<TcpTransportEndPoints>();

            // Before everybody else's configuration of these options, whenever that was registered.
            services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<TcpTransportOptions>, TcpTransportDefaults>());
        });
    }
}
