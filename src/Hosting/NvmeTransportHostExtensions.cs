using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Nvmf.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>NVMe over Fabrics in a generic host.</summary>
public static class NvmeTransportHostExtensions
{
    /// <summary>
    /// Adds an NVMe over Fabrics target that starts and stops with the host; see <see cref="NvmeTransportServiceCollectionExtensions.AddNvmeTransport"/>. For a
    /// <see cref="WebApplicationBuilder"/> the same as <c>builder.WebHost.UseNvmeTransport(…)</c>.
    /// </summary>
    public static TBuilder UseNvmeTransport<TBuilder>(this TBuilder builder, Action<NvmeTransportOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder is WebApplicationBuilder { WebHost: var web })
        {
            web.UseNvmeTransport(configure);
        }
        else
        {
            builder.Services.AddNvmeTransport(configure);
        }

        return builder;
    }
}
