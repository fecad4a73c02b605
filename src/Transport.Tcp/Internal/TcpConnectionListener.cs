using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>Accepts on one loop and spreads the connections over all of them.</summary>
internal sealed partial class TcpConnectionListener : IConnectionListener
{
    /// <summary>Accepted connections nobody has asked for yet; beyond this the rest waits in the kernel's backlog.</summary>
    private const int MaxWaiting = 256;

    private readonly TcpTransport _transport;
    private readonly TcpLoop _loop;
    private readonly TcpListenSocket _socket;
    private readonly Channel<TcpConnection> _accepted = Channel.CreateUnbounded<TcpConnection>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _ownsPath;
    private int _waiting;
    private int _unbinding;

    private TcpConnectionListener(TcpTransport transport, TcpLoop loop, TcpListenSocket socket, EndPoint endPoint, bool ownsPath)
    {
        _transport = transport;
        _loop = loop;
        _socket = socket;
        EndPoint = endPoint;
        _ownsPath = ownsPath;
        _backOffTimer = new BackOffTimer(this);
    }

    /// <summary>The bound address: a port 0 is resolved.</summary>
    public EndPoint EndPoint { get; }

    public static TcpConnectionListener Bind(TcpTransport transport, TcpLoop loop, EndPoint address)
    {
        (SafeFileDescriptor socket, EndPoint bound) = ListenSockets.Open(address, transport.Options);
        TcpListenSocket listening = new KernelTcpListenSocket(socket);
        listening = transport.ListenSocketDecorator?.Invoke(listening) ?? listening;
        var listener = new TcpConnectionListener(transport, loop, listening, bound, address is UnixDomainSocketEndPoint);
        loop.Thread.Post(listener);
        return listener;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (Volatile.Read(ref _unbinding) == 0 && await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Volatile.Read(ref _unbinding) != 0 || !_accepted.Reader.TryRead(out TcpConnection? connection))
            {
                continue;
            }

            if (Interlocked.Decrement(ref _waiting) == MaxWaiting / 2)
            {
                _loop.Thread.Post(this);
            }

            return connection;
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _unbinding, 1) == 0)
        {
            _accepted.Writer.TryComplete();
            _loop.Thread.Post(this);
        }

        // A server that runs out of patience goes on with its stop: nothing is accepted any more, whenever the loop gets to closing the socket.
        await _unbound.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}
