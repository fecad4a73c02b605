using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Testing;

namespace Nvmf.Target.Tests.Support;

/// <summary>
/// A target with one subsystem, one port and one loop, a poisoned pool and a clock that the test moves. On dispose nothing may be left: no buffer, no controller,
/// no complaint of a loop.
/// </summary>
public sealed class TestTarget : IAsyncDisposable
{
    public const string SubsystemNqn = "nqn.2025-06.test:disk";

    private readonly List<FakeLoop> _loops = [];

    public TestTarget(Action<NvmeTargetOptions>? options = null, Action<SubsystemOptions>? subsystem = null, long poolLimit = 64 << 20)
    {
        Pool = new PoisonedPool(poolLimit);
        var targetOptions = new NvmeTargetOptions();
        options?.Invoke(targetOptions);
        Target = new NvmeTarget(targetOptions, Pool, time: Time);
        Port = Target.AddPort(new TargetPortOptions { Address = "192.0.2.7", ServiceId = "4420" });
        var subsystemOptions = new SubsystemOptions { Nqn = SubsystemNqn };
        subsystem?.Invoke(subsystemOptions);
        Subsystem = Target.AddSubsystem(subsystemOptions);
        Loop = AddLoop();
    }

    public ManualTimeProvider Time { get; } = new();

    public PoisonedPool Pool { get; }

    public NvmeTarget Target { get; }

    public TargetPort Port { get; }

    public Subsystem Subsystem { get; }

    public FakeLoop Loop { get; }

    public DrainDeadlines Deadlines { get; set; } = DrainDeadlines.Default;

    public FakeLoop AddLoop()
    {
        var loop = new FakeLoop();
        _loops.Add(loop);
        return loop;
    }

    public Namespace AddMemory(long size = 4 << 20, int blockSize = 512, uint? id = null) =>
        Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = id }, new MemoryBackend(size, blockSize));

    public FakeQueuePair Open(TargetPort? port = null, FakeLoop? loop = null, Action<FakeQueuePair>? configure = null)
    {
        var queuePair = new FakeQueuePair(loop ?? Loop, Pool, Time, Deadlines);
        configure?.Invoke(queuePair);
        IQueuePairHandler handler = Target.CreateHandler(queuePair, port ?? Port);
        queuePair.Start(handler);
        return queuePair;
    }

    /// <summary>A controller that is enabled and ready.</summary>
    public async Task<TestHost> ConnectAsync(
        string nqn = SubsystemNqn, string hostNqn = Commands.HostNqn, uint keepAlive = 5000, TargetPort? port = null, FakeLoop? loop = null, Guid? hostId = null)
    {
        TestHost host = await TestHost.ConnectAsync(this, nqn, hostNqn, keepAlive, port, loop, hostId);
        await host.EnableAsync();
        return host;
    }

    /// <summary>Fires what is due now, the sweep of the keep-alive timers included.</summary>
    public void Advance(TimeSpan by) => Time.Advance(by);

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync().AsTask().WaitAsync(TestTimeouts.Long);
        foreach (FakeLoop loop in _loops)
        {
            await loop.SettleAsync();
        }

        Assert.Empty(Target.QueuePairs);
        Pool.Dispose();
        foreach (FakeLoop loop in _loops)
        {
            loop.Dispose();
            loop.AssertNoFailures();
        }
    }
}
