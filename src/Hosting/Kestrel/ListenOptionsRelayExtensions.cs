using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Nvmf.Hosting.Internal;
using Nvmf.Hosting.Kestrel;
using Nvmf.Transport.Tcp.Relay;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Relays on an end point of Kestrel.</summary>
public static class ListenOptionsRelayExtensions
{
    /// <summary>
    /// Relays the connections of this end point, whatever their protocol. Connection middleware added before (TLS, a sniffer of first bytes) stays in front of it;
    /// bytes that it has received and not consumed go first. Without middleware that replaces the transport, and with <c>UseNvmeTransport()</c> on the web host, bytes go
    /// through the kernel; otherwise this process copies them.
    /// </summary>
    /// <param name="listenOptions">The end point.</param>
    /// <param name="upstreams">Where to, in turn, for example <c>tcp://10.0.0.5:4420</c>; at least one.</param>
    /// <exception cref="InvalidOperationException">
    /// Neither <c>UseNvmeTransport()</c> nor <c>AddNvmeTransport()</c> was called.
    /// </exception>
    /// <exception cref="Nvmf.Hosting.NvmeTargetException">An upstream is malformed.</exception>
    public static ListenOptions UseRelay(this ListenOptions listenOptions, params string[] upstreams)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(upstreams);
        IServiceProvider services = listenOptions.ApplicationServices;
        NvmeEndPoints endPoints = services.GetService<NvmeEndPoints>()
            ?? throw new InvalidOperationException("UseRelay() needs UseNvmeTransport() on the host first.");
        RelayUpstreams set = RelayAddresses.ToUpstreams(upstreams);
        if (listenOptions.EndPoint is IPEndPoint)
        {
            endPoints.Add(listenOptions.EndPoint);
        }

        // Kestrel puts HTTP behind the middleware of every end point; it is never reached. Http1 alone saves a remark on HTTP/2 without TLS.
        listenOptions.Protocols = HttpProtocols.Http1;
        ((IConnectionBuilder)listenOptions).Use(_ =>
            new RelayConnectionMiddleware(set, services.GetRequiredService<RelayRuntime>()).OnConnectionAsync);
        return listenOptions;
    }
}
