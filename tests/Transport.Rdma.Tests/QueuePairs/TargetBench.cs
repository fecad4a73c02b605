using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Testing;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>The target's side of the transport on one loop, for raw hosts. At the end nothing may be left and no rule of verbs broken.</summary>
internal sealed class TargetBench : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IQueuePairListener _listener;

    private TargetBench(VirtualFabric fabric, VirtualStack machine, RdmaQueuePairListenerFactory factory, IQueuePairListener listener, PoisonedPool pool)
    {
        Fabric = fabric;
        Machine = machine;
        Factory = factory;
        Pool = pool;
        _listener = listener;
        HostMachine = fabric.AddMachine("host");
        factory.Transport.Destroyer = Destroyer;
        Destroyer.SetAutomatic(true);
    }

    public VirtualFabric Fabric { get; }

    public VirtualStack Machine { get; }

    public VirtualStack HostMachine { get; }

    public RdmaQueuePairListenerFactory Factory { get; }

    public PoisonedPool Pool { get; }

    public ManualDestroyer Destroyer { get; } = new();

    public int Port => ((RdmaEndPoint)_listener.EndPoint).IPEndPoint.Port;

    public RdmaLoop Loop => Factory.Transport.Loops[0];

    public RdmaCounters Counters => Loop.Counters;

    public static async Task<TargetBench> StartAsync(Action<RdmaTransportOptions>? configure = null, AdapterLimits? limits = null)
    {
        var fabric = new VirtualFabric();
        VirtualStack machine = fabric.AddMachine("target", limits);
        var pool = new PoisonedPool(64 << 20);
        var options = new RdmaTransportOptions
        {
            LoopOptions = new EventLoopGroupOptions { Count = 1, Name = "rdma-bench" },
            SharedReceiveQueueDepth = 64,
            DrainDeadlines = new DrainDeadlines(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)),
        };
        configure?.Invoke(options);
        var factory = new RdmaQueuePairListenerFactory(machine, pool.Pool, options, null);
        return new TargetBench(fabric, machine, factory, await factory.BindAsync(new RdmaEndPoint(IPAddress.Loopback, 0)), pool);
    }

    public async Task<RdmaQueuePair> AcceptAsync() =>
        (RdmaQueuePair)(await _listener.AcceptAsync().AsTask().WaitAsync(Patience))!;

    /// <summary>A connected host and its started queue pair.</summary>
    public async Task<(RawHost Host, RdmaQueuePair QueuePair, ScriptedHandler Handler)> ConnectAsync(int size = 8, int reads = 4, Action<ScriptedHandler>? configure = null)
    {
        var host = new RawHost(HostMachine);
        host.Connect(Port, size: size, reads: reads);
        host.Expect(ConnectionEventType.Established);
        RdmaQueuePair queuePair = await AcceptAsync();
        var handler = new ScriptedHandler(Pool.Pool);
        configure?.Invoke(handler);
        queuePair.Start(handler);
        return (host, queuePair, handler);
    }

    /// <summary>Runs on the loop, after what is posted.</summary>
    public Task OnLoopAsync(Action action) => LoopAction.RunAsync(Loop.Thread, action).WaitAsync(Patience);

    /// <summary>Everything that has been caused so far has happened: what a turn posts runs in the next.</summary>
    public async Task SettleAsync()
    {
        for (int i = 0; i < 4; i++)
        {
            await OnLoopAsync(static () => { });
        }
    }

    public async Task EventuallyAsync(Func<bool> condition, string otherwise)
    {
        for (long start = Environment.TickCount64; !condition();)
        {
            Assert.True(Environment.TickCount64 - start < Patience.TotalMilliseconds, otherwise);
            await Task.Delay(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Fabric.DeliverAll();
        Destroyer.SetAutomatic(true);
        await _listener.DisposeAsync().AsTask().WaitAsync(Patience);
        await Factory.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.Empty(Fabric.Violations);
        Assert.Empty(Machine.VirtualDevice.Live.Names());
        Assert.Empty(HostMachine.VirtualDevice.Live.Names());
        Pool.Dispose();
    }
}
