using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Nvmf.Hosting.Internal;
using Nvmf.Hosting.Kestrel;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>NVMe over Fabrics on an end point of Kestrel.</summary>
public static class ListenOptionsNvmeExtensions
{
    /// <summary>
    /// Serves the host's NVMe target on this end point instead of HTTP. Connection middleware added before (TLS, logging) stays in front of it. Without such
    /// middleware, and with <c>UseNvmeTransport()</c> on the web host, the end point is served without copying by the event loops; otherwise by whatever transport
    /// Kestrel has, with copying.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// Neither <c>UseNvmeTransport()</c> nor <c>AddNvmeTransport()</c> was called, or the end point is not an IP end point.
    /// </exception>
    public static ListenOptions UseNvmeTarget(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        IServiceProvider services = listenOptions.ApplicationServices;
        NvmeEndPoints endPoints = services.GetService<NvmeEndPoints>()
            ?? throw new InvalidOperationException("UseNvmeTarget() needs a target: call UseNvmeTransport() on the host first.");
        if (listenOptions.EndPoint is not IPEndPoint)
        {
            throw new InvalidOperationException($"UseNvmeTarget() serves IP end points, and {listenOptions.EndPoint} is not one.");
        }

        endPoints.Add(listenOptions.EndPoint);
        var port = new KestrelPort(listenOptions);

        // Kestrel puts HTTP behind the middleware of every end point; it is never reached. Http1 alone saves a remark on HTTP/2 without TLS.
        listenOptions.Protocols = HttpProtocols.Http1;
        ((IConnectionBuilder)listenOptions).Use(_ =>
        {
            var runtime = services.GetRequiredService<TargetRuntime>();
            var ports = services.GetRequiredService<KestrelPorts>();
            ports.Prepare(port, runtime.Target);
            return new NvmeConnectionMiddleware(
                ports,
                port,
                runtime,
                services.GetRequiredService<TcpQueuePairListenerFactory>(),
                services.GetRequiredService<IHostApplicationLifetime>(),
                services.GetRequiredService<ILoggerFactory>()).OnConnectionAsync;
        });
        return listenOptions;
    }
}
