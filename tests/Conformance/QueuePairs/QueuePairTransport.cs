using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.EventLoop;
using Nvmf.Testing;
using Nvmf.Transport.Rdma;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Tests.Virtual;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Conformance.Tests.QueuePairs;

/// <summary>Both sides of one transport, with one listener. Disposing checks that all memory is back, and that no rule of verbs was broken.</summary>
internal sealed class QueuePairTransport : IAsyncDisposable
{
    private readonly QueuePairKind _kind;
    private readonly PoisonedPool _targetPool = new();
    private readonly PoisonedPool _hostPool = new();
    private readonly VirtualFabric? _fabric;
    private readonly List<VirtualStack> _machines = [];
    private readonly List<IAsyncDisposable> _owned = [];

    private QueuePairTransport(QueuePairKind kind)
    {
        _kind = kind;
        _fabric = QueuePairKinds.IsVirtual(kind) ? new VirtualFabric() : null;
        Factory = QueuePairKinds.IsRdma(kind) ? Own(new RdmaQueuePairListenerFactory(NewStack("target"), _targetPool, NewRdmaOptions(), null)) : NewTcpFactory();
        Connector = NewConnector();
    }

    public IQueuePairListenerFactory Factory { get; }

    public IHostQueuePairConnector Connector { get; }

    public IQueuePairListener Listener { get; private set; } = null!;

    public IPAddress Address => _kind is QueuePairKind.Rdma or QueuePairKind.RdmaShared ? QueuePairKinds.DeviceAddress! : IPAddress.Loopback;

    public static async Task<QueuePairTransport> StartAsync(QueuePairKind kind)
    {
        var transport = new QueuePairTransport(kind);
        transport.Listener = await transport.BindAsync(transport.NewEndPoint());
        return transport;
    }

    /// <summary>IP address and port of an end point of either kind.</summary>
    public static IPEndPoint IP(EndPoint? endPoint) => endPoint is RdmaEndPoint rdma ? rdma.IPEndPoint : Assert.IsType<IPEndPoint>(endPoint);

    public EndPoint NewEndPoint() => QueuePairKinds.IsRdma(_kind) ? new RdmaEndPoint(Address, 0) : new IPEndPoint(Address, 0);

    public async Task<IQueuePairListener> BindAsync(EndPoint endPoint) => await Factory.BindAsync(endPoint).WithinLimit();

    /// <summary>A started queue pair, its handler, and the host's side.</summary>
    public async Task<(QueuePair Target, HostQueuePair Host, AnsweringHandler Handler)> ConnectAsync(IQueuePairListener? listener = null, bool holds = false)
    {
        listener ??= Listener;
        Task<HostQueuePair> connecting = BeginConnect(listener.EndPoint);
        QueuePair? target = await listener.AcceptAsync().WithinLimit();
        Assert.NotNull(target);
        var handler = new AnsweringHandler(holds);
        target.Start(handler);
        return (target, await connecting.WithinLimit(), handler);
    }

    /// <summary>Over TCP it ends when the queue pair was accepted and started, over RDMA before.</summary>
    public Task<HostQueuePair> BeginConnect(EndPoint endPoint, CancellationToken cancellationToken = default) =>
        Connector.ConnectAsync(endPoint, new HostQueuePairOptions { IsAdmin = true, ConnectTimeout = Within.Limit }, cancellationToken).AsTask();

    /// <summary>Connects from another host, so that ids and pools are its own.</summary>
    public IHostQueuePairConnector NewConnector() => QueuePairKinds.IsRdma(_kind)
        ? Own(new RdmaHostQueuePairConnector(NewStack("host"), _hostPool, NewRdmaOptions(), null))
        : new TcpHostQueuePairConnector(Own(new TcpConnectionFactory(Options.Create(NewTcpOptions(_hostPool)), NullLoggerFactory.Instance)));

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync().WithinLimit();
        foreach (IAsyncDisposable owned in Enumerable.Reverse(_owned))
        {
            await owned.DisposeAsync().WithinLimit();
        }

        _targetPool.Dispose();
        _hostPool.Dispose();
        if (_fabric is not null)
        {
            Assert.Empty(_fabric.Violations);
        }

        Assert.All(_machines, static machine => Assert.Empty(machine.VirtualDevice.Live.Names()));
    }

    private static TcpTransportOptions NewTcpOptions(PoisonedPool pool) => new() { BufferPool = pool, PipeBufferPool = pool };

    private TcpQueuePairListenerFactory NewTcpFactory()
    {
        IConnectionListenerFactory connections = _kind == QueuePairKind.Tcp
            ? Own(new TcpTransportFactory(Options.Create(NewTcpOptions(_targetPool)), NullLoggerFactory.Instance))
            : new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        return new TcpQueuePairListenerFactory(connections, _targetPool);
    }

    private RdmaStack NewStack(string name)
    {
        if (_fabric is null)
        {
            return RdmaStack.Default;
        }

        VirtualStack machine = _fabric.AddMachine(name);
        _machines.Add(machine);
        return machine;
    }

    private RdmaTransportOptions NewRdmaOptions() => new()
    {
        UseSharedReceiveQueue = QueuePairKinds.IsShared(_kind),
        SharedReceiveQueueDepth = 256,
        LoopOptions = new EventLoopGroupOptions { Count = 2, Name = "conformance" },
    };

    private T Own<T>(T owned) where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
