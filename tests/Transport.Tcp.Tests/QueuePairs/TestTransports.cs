using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>What a queue pair can run on.</summary>
public enum Carrier
{
    /// <summary>Two pipes within the process.</summary>
    Memory,

    /// <summary>Kestrel's Sockets transport at both ends: the oracle.</summary>
    Sockets,

    /// <summary>Our own transport at both ends.</summary>
    Tcp,

    /// <summary>Our own transport, every lease sent without copying.</summary>
    TcpZeroCopy,
}

/// <summary>A listener and a connector of queue pairs over one <see cref="Carrier"/>.</summary>
internal sealed class TestTransport : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];

    public TestTransport(Carrier carrier, BufferPool pool, TcpQueuePairOptions? options = null)
    {
        (IConnectionListenerFactory listeners, IConnectionFactory connections) = Create(carrier);
        Listeners = new TcpQueuePairListenerFactory(listeners, pool, options);
        Connector = new TcpHostQueuePairConnector(connections);
        Connections = connections;
    }

    public TcpQueuePairListenerFactory Listeners { get; }

    public TcpHostQueuePairConnector Connector { get; }

    /// <summary>Raw connections, for clients that do not keep to the protocol.</summary>
    public IConnectionFactory Connections { get; }

    public static IEnumerable<Carrier> Available =>
        TcpTransportFactory.IsSupported ? Enum.GetValues<Carrier>() : [Carrier.Memory, Carrier.Sockets];

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable owned in _owned)
        {
            await owned.DisposeAsync();
        }
    }

    private (IConnectionListenerFactory, IConnectionFactory) Create(Carrier carrier)
    {
        switch (carrier)
        {
            case Carrier.Memory:
                var memory = new MemoryTransport();
                return (memory, memory);
            case Carrier.Sockets:
                var options = new SocketTransportOptions();
                var client = new SocketClient();
                _owned.Add(client);
                return (new SocketTransportFactory(Options.Create(options), NullLoggerFactory.Instance), client);
            default:
                var tcp = new TcpTransportOptions
                {
                    ZeroCopy = carrier == Carrier.TcpZeroCopy ? ZeroCopyMode.Always : ZeroCopyMode.Never,
                };
                var listeners = new TcpTransportFactory(Options.Create(tcp), NullLoggerFactory.Instance);
                var connections = new TcpConnectionFactory(Options.Create(tcp), NullLoggerFactory.Instance);
                _owned.Add(connections);
                _owned.Add(listeners);
                return (listeners, connections);
        }
    }

    /// <summary>A client end of Kestrel's Sockets transport.</summary>
    private sealed class SocketClient : IConnectionFactory, IAsyncDisposable
    {
        private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);

        public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(endpoint, cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            return _factory.Create(socket);
        }

        public ValueTask DisposeAsync()
        {
            _factory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Connections within the process: a pair of pipes, with no more in them than a socket would hold.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory, IConnectionFactory, IConnectionListener
{
    private static readonly PipeOptions PipeOptions = new(
        pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10, useSynchronizationContext: false);

    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 4420);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(this);

    public ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        (ConnectionContext client, ConnectionContext server) = CreatePair();
        _accepted.Writer.TryWrite(server);
        return new(client);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    public static (ConnectionContext Client, ConnectionContext Server) CreatePair()
    {
        var toServer = new Pipe(PipeOptions);
        var toClient = new Pipe(PipeOptions);
        return (new MemoryContext(toClient.Reader, toServer.Writer), new MemoryContext(toServer.Reader, toClient.Writer));
    }

    private sealed class MemoryContext : DefaultConnectionContext
    {
        private readonly DuplexPipe _original;

        public MemoryContext(PipeReader input, PipeWriter output) : base(Guid.NewGuid().ToString("N"))
        {
            _original = new DuplexPipe(input, output);
            Transport = _original;
        }

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _original.Input.CancelPendingRead();
            _original.Output.Complete(abortReason);
            _original.Input.Complete(abortReason);
        }

        public override ValueTask DisposeAsync()
        {
            _original.Output.Complete();
            _original.Input.Complete();
            return base.DisposeAsync();
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
