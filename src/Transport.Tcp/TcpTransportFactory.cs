using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp;

/// <summary>
/// Listens for TCP connections on event loops. Its connections carry any protocol over their pipe, and have
/// <see cref="Nvmf.Abstractions.Connections.IOwnedMemoryConnectionFeature"/> for those that send counted memory.
/// </summary>
/// <remarks>All members may be called from any thread.</remarks>
public sealed class TcpTransportFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector, IAsyncDisposable
{
    private readonly TcpTransportOptions _options;

    /// <summary>Makes the factory. Threads and memory are taken when the first listener is bound.</summary>
    /// <param name="options">Options.</param>
    /// <param name="loggerFactory">Logging.</param>
    /// <param name="memoryPoolFactory">Memory for pipes; when null, native blocks that can be sent without copying.</param>
    public TcpTransportFactory(IOptions<TcpTransportOptions> options, ILoggerFactory loggerFactory, IMemoryPoolFactory<byte>? memoryPoolFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _options = options.Value;
        Transport = new TcpTransport(_options, loggerFactory, memoryPoolFactory);
    }

    /// <summary>True where the transport works: on 64-bit Linux.</summary>
    public static bool IsSupported => EventLoopThread.IsSupported;

    /// <summary>Why <see cref="IsSupported"/> is false, or null.</summary>
    public static string? NotSupportedReason => EventLoopThread.NotSupportedReason;

    internal TcpTransport Transport { get; }

    /// <summary>Asks <see cref="TcpTransportOptions.Selector"/>, for end points that <see cref="BindAsync"/> binds.</summary>
    public bool CanBind(EndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return IsSupported && ListenSockets.CanOpen(endpoint) && _options.Selector(endpoint);
    }

    /// <summary>
    /// Binds an <see cref="IPEndPoint"/> (<see cref="IPAddress.IPv6Any"/> takes IPv4 connections too), a
    /// <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/> (its file is deleted at the end), or the descriptor of a <see cref="FileHandleEndPoint"/>, of
    /// which the listener becomes the owner.
    /// </summary>
    /// <exception cref="AddressInUseException">The port is taken.</exception>
    /// <exception cref="IOException">The address cannot be bound; the message says why.</exception>
    /// <exception cref="NotSupportedException">An end point of another kind.</exception>
    /// <exception cref="PlatformNotSupportedException">See <see cref="IsSupported"/>.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!ListenSockets.CanOpen(endpoint))
        {
            throw new NotSupportedException($"{endpoint.GetType().Name} {endpoint} is not an IP end point, a Unix domain socket or the descriptor of such.");
        }

        if (!IsSupported)
        {
            throw new PlatformNotSupportedException(NotSupportedReason);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<IConnectionListener>(Transport.Bind(endpoint));
    }

    /// <summary>Drains all connections, within their deadlines, then stops the factory's own loops.</summary>
    public ValueTask DisposeAsync() => Transport.DisposeAsync();
}
