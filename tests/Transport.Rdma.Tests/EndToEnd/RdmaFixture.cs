using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Initiator;
using Nvmf.Target;
using Nvmf.Target.Namespaces;
using Nvmf.Testing;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.EndToEnd;

/// <summary>Our target and our initiator on two virtual machines, each with a poisoned pool. At the end nothing may be left and no rule broken.</summary>
internal sealed class RdmaFixture : IAsyncDisposable
{
    public const string Nqn = "nqn.2014-08.org.nvmexpress:uuid:0b1b9c57-6d2a-4c39-9a11-6f0d5f1b7a02";
    public const int BlockSize = 512;
    public const int Blocks = 32768;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<QueuePair> _accepted = [];
    private readonly IQueuePairListener _listener;
    private readonly Task _accepting;
    private readonly TargetPort _port;

    private RdmaFixture(VirtualFabric fabric, VirtualStack targetMachine, RdmaQueuePairListenerFactory factory, IQueuePairListener listener, PoisonedPool targetPool, RdmaTransportOptions options)
    {
        Fabric = fabric;
        TargetMachine = targetMachine;
        Factory = factory;
        _listener = listener;
        TargetPool = targetPool;
        HostPool = new PoisonedPool(64 << 20);
        HostMachine = fabric.AddMachine("host");
        Connector = new RdmaHostQueuePairConnector(HostMachine, HostPool.Pool, options, null);
        Target = new NvmeTarget(new NvmeTargetOptions(), targetPool.Pool);
        _port = Target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Rdma, EndPoint.IPEndPoint));
        Subsystem subsystem = Target.AddSubsystem(new SubsystemOptions { Nqn = Nqn });
        subsystem.AddNamespace(new NamespaceOptions { NamespaceId = 1 }, new MemoryBackend((long)Blocks * BlockSize, BlockSize));
        _accepting = AcceptAsync();
    }

    public VirtualFabric Fabric { get; }

    public VirtualStack TargetMachine { get; }

    public VirtualStack HostMachine { get; }

    public RdmaQueuePairListenerFactory Factory { get; }

    public RdmaHostQueuePairConnector Connector { get; }

    public NvmeTarget Target { get; }

    public PoisonedPool TargetPool { get; }

    public PoisonedPool HostPool { get; }

    public RdmaEndPoint EndPoint => (RdmaEndPoint)_listener.EndPoint;

    public IReadOnlyList<QueuePair> Accepted
    {
        get
        {
            lock (_accepted)
            {
                return [.. _accepted];
            }
        }
    }

    public static async Task<RdmaFixture> StartAsync(bool shared = false, VirtualFabric? fabric = null, AdapterLimits? limits = null, Action<RdmaTransportOptions>? configure = null)
    {
        fabric ??= new VirtualFabric();
        VirtualStack machine = fabric.AddMachine("target", limits);
        var pool = new PoisonedPool(64 << 20);
        RdmaTransportOptions options = NewOptions(shared);
        configure?.Invoke(options);
        var factory = new RdmaQueuePairListenerFactory(machine, pool.Pool, options, null);
        IQueuePairListener listener = await factory.BindAsync(new RdmaEndPoint(IPAddress.Loopback, 0));
        return new RdmaFixture(fabric, machine, factory, listener, pool, NewOptions(shared: false));
    }

    public static RdmaTransportOptions NewOptions(bool shared) => new()
    {
        UseSharedReceiveQueue = shared,
        SharedReceiveQueueDepth = 256,
        LoopOptions = new EventLoopGroupOptions { Count = 2, Name = "rdma-test" },
        DrainDeadlines = new DrainDeadlines(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)),
    };

    public Task<NvmeController> ConnectAsync(int queues = 1, int depth = 31) => NvmeController.ConnectAsync(
        Connector,
        EndPoint,
        new NvmeConnectOptions { SubsystemNqn = Nqn, QueueCount = queues, QueueDepth = depth, KeepAlive = TimeSpan.Zero },
        HostPool.Pool).WaitAsync(Patience);

    public Task UnbindAsync() => _listener.UnbindAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        Fabric.DeliverAll();
        await Connector.DisposeAsync().AsTask().WaitAsync(Patience);
        await _listener.UnbindAsync();
        await _accepting.WaitAsync(Patience);
        await Target.DisposeAsync().AsTask().WaitAsync(Patience);
        await Factory.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Empty(Fabric.Violations);
        Assert.Empty(TargetMachine.VirtualDevice.Live.Names());
        Assert.Empty(HostMachine.VirtualDevice.Live.Names());
        HostPool.Dispose();
        TargetPool.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } queuePair)
        {
            lock (_accepted)
            {
                _accepted.Add(queuePair);
            }

            queuePair.Start(Target.CreateHandler(queuePair, _port));
        }
    }
}
