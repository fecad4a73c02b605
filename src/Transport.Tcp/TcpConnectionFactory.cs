using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp;

/// <summary>Opens TCP connections on event loops: the client's side of <see cref="TcpTransportFactory"/>.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class TcpConnectionFactory : IConnectionFactory, IAsyncDisposable
{
    private readonly TcpTransport _transport;

    /// <summary>Makes the factory. Threads and memory are taken with the first connection.</summary>
    /// <param name="options">Options.</param>
    /// <param name="loggerFactory">Logging.</param>
    /// <param name="memoryPoolFactory">Memory for pipes; when null, native blocks that can be sent without copying.</param>
    public TcpConnectionFactory(IOptions<TcpTransportOptions> options, ILoggerFactory loggerFactory, IMemoryPoolFactory<byte>? memoryPoolFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _transport = new TcpTransport(options.Value, loggerFactory, memoryPoolFactory);
    }

    /// <summary>Connects to an <see cref="IPEndPoint"/>, or to the first address of a <see cref="DnsEndPoint"/> that answers.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The peer refused, or cannot be reached.</exception>
    /// <exception cref="NotSupportedException">Another kind of end point.</exception>
    /// <exception cref="PlatformNotSupportedException">See <see cref="TcpTransportFactory.IsSupported"/>.</exception>
    public ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!EventLoopThread.IsSupported)
        {
            throw new PlatformNotSupportedException(EventLoopThread.NotSupportedReason);
        }

        return _transport.ConnectAsync(endpoint, cancellationToken);
    }

    /// <summary>Drains all connections, within their deadlines, then stops the factory's own loops.</summary>
    public ValueTask DisposeAsync() => _transport.DisposeAsync();
}
