using System.Net;
using Microsoft.AspNetCore.Connections;
using Nvmf.Hosting.Internal;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// Offers the event loops to Kestrel, for the end points that speak NVMe; all others stay with the transport that was there before. Not
/// disposable on purpose: the engine belongs to the target.
/// </summary>
internal sealed class KestrelListenerFactory(TcpEngine engine, NvmeEndPoints endPoints) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => TcpTransportFactory.IsSupported && endpoint is IPEndPoint && endPoints.Contains(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        engine.Connections.BindAsync(endpoint, cancellationToken);
}
