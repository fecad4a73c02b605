using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target;
using Nvmf.Testing;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Initiator.Tests.Multipath.Fakes;

/// <summary>A host, proxies, and a target with one port behind each of them.</summary>
internal sealed class MultipathFixture : IAsyncDisposable
{
    public const int BlockSize = 512;
    public const int Blocks = 16384;

    private static readonly DrainDeadlines Deadlines = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20));

    private readonly List<Port> _ports = [];
    private readonly TcpTransportFactory _transport;
    private readonly NvmeTargetOptions _targetOptions;

    private MultipathFixture(int seed, NvmeTargetOptions targetOptions, ZeroCopyMode zeroCopy)
    {
        _targetOptions = targetOptions;
        Disk = new SlowDisk((long)Blocks * BlockSize, BlockSize, seed);
        _transport = new TcpTransportFactory(Options.Create(NewOptions(zeroCopy, TargetPool)), NullLoggerFactory.Instance);
        Host = new NvmeHost(HostPool.Pool, NewOptions(zeroCopy, HostPool), Log);
    }

    public PoisonedPool TargetPool { get; } = new(128 << 20);

    public PoisonedPool HostPool { get; } = new(128 << 20);

    public SlowDisk Disk { get; }

    public NvmeHost Host { get; }

    public LogLines Log { get; } = new();

    public NvmeTarget Target { get; private set; } = null!;

    public IReadOnlyList<TcpProxy> Proxies => [.. _ports.Select(port => port.Proxy)];

    public static async Task<MultipathFixture> StartAsync(int paths, int seed = 1, NvmeTargetOptions? target = null, ZeroCopyMode zeroCopy = default)
    {
        var fixture = new MultipathFixture(seed, target ?? new NvmeTargetOptions(), zeroCopy);
        for (var i = 0; i < paths; i++)
        {
            fixture._ports.Add(new Port());
        }

        await fixture.StartTargetAsync();
        return fixture;
    }

    public static NvmeMultipathOptions NewOptions(
        NvmePathPolicy policy = default, TimeSpan? keepAlive = null, TimeSpan? fastFail = null, TimeSpan? commandTimeout = null, bool fence = true, TimeSpan? controllerLoss = null, int queues = 1) => new()
        {
            Connect = new NvmeConnectOptions
            {
                SubsystemNqn = TargetFixture.Nqn,
                QueueCount = queues,
                KeepAlive = keepAlive ?? TimeSpan.FromSeconds(30),
                CommandTimeout = commandTimeout ?? TimeSpan.FromSeconds(30),
                AbortTimeout = TimeSpan.FromMilliseconds(200),
                ConnectTimeout = TimeSpan.FromSeconds(10),
            },
            Policy = policy,
            ReconnectDelay = TimeSpan.FromMilliseconds(50),
            FastFailTimeout = fastFail ?? Timeout.InfiniteTimeSpan,
            ControllerLossTimeout = controllerLoss ?? TimeSpan.FromMinutes(5),
            FenceWrites = fence,
        };

    public async Task<NvmeSubsystemConnection> ConnectAsync(NvmeMultipathOptions? options = null)
    {
        var subsystem = await Host.ConnectSubsystemAsync(Proxies.Select(proxy => proxy.EndPoint), options ?? NewOptions()).WaitAsync(TargetFixture.Patience);
        await Eventually.IsTrueAsync(() => subsystem.Paths.All(path => path.State == NvmePathState.Live), "Not every path is live.");
        return subsystem;
    }

    public TargetPort PortOf(int path) => _ports[path].TargetPort!;

    /// <summary>The target's process dies and comes back: nothing is said, the medium stays.</summary>
    public async Task RestartTargetAsync()
    {
        foreach (var port in _ports)
        {
            await port.Listener!.UnbindAsync();
        }

        QueuePair[] accepted;
        lock (_ports)
        {
            accepted = [.. _ports.SelectMany(port => port.Accepted)];
        }

        foreach (var queuePair in accepted)
        {
            queuePair.Lifecycle.Abort();
        }

        await StopTargetAsync();
        await StartTargetAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        foreach (var port in _ports)
        {
            await port.Proxy.DisposeAsync();
        }

        await StopTargetAsync();
        await _transport.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        HostPool.Dispose();
        TargetPool.Dispose();
    }

    private async Task StartTargetAsync()
    {
        Target = new NvmeTarget(_targetOptions, TargetPool.Pool);
        Target.AddSubsystem(new SubsystemOptions { Nqn = TargetFixture.Nqn }).AddNamespace(new NamespaceOptions { NamespaceId = 1 }, Disk);
        foreach (var port in _ports)
        {
            var listener = await new TcpQueuePairListenerFactory(_transport, TargetPool.Pool).BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
            port.Use(listener, Target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Tcp, listener.EndPoint)));
            port.Accepting = AcceptAsync(port, Target);
        }
    }

    private async Task StopTargetAsync()
    {
        foreach (var port in _ports)
        {
            await port.Listener!.UnbindAsync();
            await port.Accepting.WaitAsync(TargetFixture.Patience);
        }

        await Target.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        foreach (var port in _ports)
        {
            await port.Listener!.DisposeAsync();
        }
    }

    private async Task AcceptAsync(Port port, NvmeTarget target)
    {
        while (await port.Listener!.AcceptAsync() is { } queuePair)
        {
            lock (_ports)
            {
                port.Accepted.Add(queuePair);
            }

            queuePair.Start(target.CreateHandler(queuePair, port.TargetPort!));
        }
    }

    private static TcpTransportOptions NewOptions(ZeroCopyMode zeroCopy, PoisonedPool pool) => new()
    {
        ZeroCopy = zeroCopy,
        BufferPool = pool.Pool,
        DrainDeadlines = Deadlines,
        LoopOptions = new EventLoopGroupOptions { Count = 2 },
    };

    private sealed class Port
    {
        public TcpProxy Proxy { get; } = new(new IPEndPoint(IPAddress.Loopback, 1));

        public IQueuePairListener? Listener { get; private set; }

        public TargetPort? TargetPort { get; private set; }

        public List<QueuePair> Accepted { get; } = [];

        public Task Accepting { get; set; } = Task.CompletedTask;

        public void Use(IQueuePairListener listener, TargetPort port)
        {
            Listener = listener;
            TargetPort = port;
            Proxy.Target = listener.EndPoint;
        }
    }
}
