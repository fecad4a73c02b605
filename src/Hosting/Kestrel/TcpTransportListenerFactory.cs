using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// Serves the ordinary end points that asked for it by event loops of their own: nothing a web application does holds up the target.
/// </summary>
internal sealed class TcpTransportListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable, IAsyncDisposable
{
    private readonly TcpTransportFactory _connections;

    public TcpTransportListenerFactory(IOptionsMonitor<TcpTransportOptions> options, TcpTransportEndPoints endPoints, ILoggerFactory loggers)
    {
        TcpTransportOptions own = options.Get(ListenOptionsTcpTransportExtensions.TcpTransportOptionsName);
        own.Selector = endPoints.Contains;
        _connections = new TcpTransportFactory(Options.Create(own), loggers);
    }

    public bool CanBind(EndPoint endpoint) => _connections.CanBind(endpoint);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        _connections.BindAsync(endpoint, cancellationToken);

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    /// <summary>For service providers that are disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
