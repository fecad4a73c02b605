using System.Text;
using Nvmf.Abstractions.Buffers;
using Nvmf.Target;
using Nvmf.Target.Namespaces;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>
/// A target with two subsystems on one small poisoned pool: the hostile host may use the first; the second belongs to a neighbour, whose bytes the hostile host
/// must never see.
/// </summary>
internal abstract class World : IDisposable
{
    public const string SubsystemNqn = "nqn.2025-06.test:attacked";
    public const string NeighbourSubsystemNqn = "nqn.2025-06.test:neighbour";
    public const string HostNqn = "nqn.2025-06.test:hostile-host";
    public const string NeighbourHostNqn = "nqn.2025-06.test:neighbour-host";
    public const int BlockSize = 512;
    public const int BlockCount = 2048;

    /// <summary>Blocks that no injury may touch, with known content.</summary>
    public const int ReservedStart = 1024;
    public const int ReservedCount = 64;
    public const int MaxHostToControllerData = 8192;
    public const int MaxDataTransferSize = 128 << 10;

    /// <summary>In everything the neighbour writes.</summary>
    public static readonly byte[] NeighbourMark = Encoding.ASCII.GetBytes("NEIGHBOUR-ONLY!!");

    protected World(TimeProvider clock, Action<TcpQueuePairOptions>? configure = null)
    {
        Clock = clock;
        Pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 24 << 20 });
        Pool.PoisonViolated += violation => PoisonViolation ??= violation.ToString();
        QueuePairOptions = new TcpQueuePairOptions { MaxHostToControllerData = MaxHostToControllerData, MaxDataTransferSize = MaxDataTransferSize, MaxQueueSize = 64 };
        configure?.Invoke(QueuePairOptions);
        Settings = new TcpQueuePairSettings(QueuePairOptions, Pool);
        Pending = new PendingConnections(Settings.MaxPendingConnections);
        Target = new NvmeTarget(new NvmeTargetOptions { MaxDataTransferSize = MaxDataTransferSize, MaxIoQueueSize = 64 }, Pool, time: clock);
        Port = Target.AddPort(new TargetPortOptions { Address = "192.0.2.7", ServiceId = "4420" });
        AddSubsystem(SubsystemNqn, HostNqn);
        AddSubsystem(NeighbourSubsystemNqn, NeighbourHostNqn);
    }

    public TimeProvider Clock { get; }

    public BufferPool Pool { get; }

    public TcpQueuePairOptions QueuePairOptions { get; }

    public TcpQueuePairSettings Settings { get; }

    public PendingConnections Pending { get; }

    public NvmeTarget Target { get; }

    public TargetPort Port { get; }

    public string? PoisonViolation { get; private set; }

    public static byte Stamp(int lba, int offset) => (byte)(((lba * 31) + offset) & 0x7F);

    /// <summary>Connections that have not come to a Connect command.</summary>
    public virtual int PendingConnections => Pending.Count;

    public abstract HostWire Open();

    /// <summary>Every gauge at what it was with nobody there. Waits for what ends on the thread pool.</summary>
    public void AssertNothingLeft(int queuePairs = 0)
    {
        bool ended = SpinWait.SpinUntil(() => Target.QueuePairs.Count == queuePairs, TimeSpan.FromSeconds(30));
        Assert.True(ended, $"{Target.QueuePairs.Count} queue pairs are left, not {queuePairs}: {string.Join(", ", Target.QueuePairs)}");
        Assert.True(SpinWait.SpinUntil(() => PendingConnections == 0, TimeSpan.FromSeconds(30)), $"{PendingConnections} connections are still pending.");
        BufferPoolStatistics statistics = Pool.Statistics;
        Assert.Equal((0L, 0L, 0, 0L), (statistics.RentedBlocks, statistics.QuarantinedBytes, (int)statistics.Waiters, statistics.PoisonViolations));
        Assert.Null(PoisonViolation);
    }

    public virtual void Dispose()
    {
        Target.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(30));
        Pool.Dispose();
    }

    private void AddSubsystem(string nqn, string host)
    {
        var options = new SubsystemOptions { Nqn = nqn, AllowedHosts = { host }, MaxIoQueues = 64 };
        Target.AddSubsystem(options).AddNamespace(new NamespaceOptions(), new MemoryBackend(BlockCount * BlockSize, BlockSize));
        if (nqn == SubsystemNqn)
        {
            Target.Subsystems.First(subsystem => subsystem.Nqn == nqn).AddNamespace(new NamespaceOptions { ReadOnly = true }, new MemoryBackend(BlockCount * BlockSize, BlockSize));
        }
    }
}
