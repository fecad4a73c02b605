using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Testing;
using Nvmf.Transport.Rdma.Connections;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.HostQueuePairs;

/// <summary>The host's side of the transport on one loop, against a raw controller. At the end nothing may be left and no rule of verbs broken.</summary>
internal sealed class HostBench : IAsyncDisposable
{
    public const byte Write = 0x01, Read = 0x02;
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<BufferLease> _leases = [];

    public HostBench(Action<RdmaTransportOptions>? configure = null)
    {
        HostMachine = Fabric.AddMachine("host");
        ControllerMachine = Fabric.AddMachine("controller");
        var options = new RdmaTransportOptions
        {
            LoopOptions = new EventLoopGroupOptions { Count = 1, Name = "rdma-host" },
            DrainDeadlines = new DrainDeadlines(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)),
        };
        configure?.Invoke(options);
        Connector = new RdmaHostQueuePairConnector(HostMachine, Pool.Pool, options, null);
        Connector.Transport.Destroyer = Destroyer;
        Destroyer.SetAutomatic(true);
        Controller = new RawController(ControllerMachine);
    }

    public VirtualFabric Fabric { get; } = new();

    public VirtualStack HostMachine { get; }

    public VirtualStack ControllerMachine { get; }

    public PoisonedPool Pool { get; } = new(64 << 20);

    public ManualDestroyer Destroyer { get; } = new();

    public RdmaHostQueuePairConnector Connector { get; }

    public RawController Controller { get; }

    public RdmaLoop Loop => Connector.Transport.Loops[0];

    /// <summary>Begins to connect; the controller has to answer.</summary>
    public Task<HostQueuePair> BeginConnectAsync(int queueSize = 8, TimeSpan? timeout = null) => Connector.ConnectAsync(
        new RdmaEndPoint(IPAddress.Loopback, Controller.Port),
        new HostQueuePairOptions { QueueId = 1, QueueSize = queueSize, ConnectTimeout = timeout ?? Patience }).AsTask();

    /// <summary>A live queue pair.</summary>
    public async Task<HostQueuePair> ConnectAsync(int queueSize = 8)
    {
        Task<HostQueuePair> connecting = BeginConnectAsync(queueSize);
        Controller.ExpectRequest();
        Controller.Accept(receives: 2 * queueSize);
        Controller.Expect(ConnectionEventType.Established);
        return await connecting.WaitAsync(Patience);
    }

    /// <summary>A command with room for, or with, data of one byte's value; the bench keeps a reference of its own until its end.</summary>
    public ProbeCommand Command(byte opcode, int length = 4096, byte value = 0)
    {
        Assert.True(Pool.Pool.TryRent(length, BufferPriority.InputOutput, out BufferLease data));
        data.Span.Fill(value);
        _leases.Add(data);
        return new ProbeCommand(opcode, opcode == Write ? DataDirection.HostToController : DataDirection.ControllerToHost, data);
    }

    /// <summary>Everything that has been caused so far has happened.</summary>
    public async Task SettleAsync()
    {
        for (int i = 0; i < 4; i++)
        {
            await LoopAction.RunAsync(Loop.Thread, static () => { }).WaitAsync(Patience);
        }
    }

    public static async Task EventuallyAsync(Func<bool> condition, string otherwise)
    {
        for (long start = Environment.TickCount64; !condition();)
        {
            Assert.True(Environment.TickCount64 - start < Patience.TotalMilliseconds, otherwise);
            await Task.Delay(1);
        }
    }

    public static async Task CloseAsync(HostQueuePair queuePair)
    {
        queuePair.Close(TeardownCause.LocalClose);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(Patience);
        Assert.Equal(0, report.QuarantinedBytes);
    }

    public async ValueTask DisposeAsync()
    {
        Fabric.DeliverAll();
        Destroyer.SetAutomatic(true);
        await Connector.DisposeAsync().AsTask().WaitAsync(Patience);
        Controller.Dispose();
        Assert.Empty(Fabric.Violations);
        Assert.Empty(HostMachine.VirtualDevice.Live.Names());
        Assert.Empty(ControllerMachine.VirtualDevice.Live.Names());
        _leases.ForEach(static lease => lease.Release());
        Pool.Dispose();
    }
}
