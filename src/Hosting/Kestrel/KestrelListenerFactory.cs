using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Hosting.Internal;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// Offers the event loops to Kestrel, for the end points that speak NVMe; all others stay with the transport that was there before. Not
/// disposable on purpose: the engine belongs to the target.
/// </summary>
internal sealed class KestrelListenerFactory(TcpEngine engine, NvmeEndPoints endPoints, KestrelPorts ports) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => TcpTransportFactory.IsSupported && endpoint is IPEndPoint && endPoints.Contains(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        KestrelPort? port = ports.BeginListening(endpoint);
        if (port is null)
        {
            return await engine.Connections.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            IConnectionListener listener = await engine.Connections.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
            ports.OnListening(port, listener.EndPoint);
            return new KestrelListener(listener, ports, port);
        }
        catch
        {
            ports.EndListening(port);
            throw;
        }
    }
}
