using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Target;
using Nvmf.Testing;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Initiator.Tests.Fakes;

/// <summary>Our target and a host in one process over loopback TCP, each with a poisoned pool.</summary>
internal sealed class TargetFixture : IAsyncDisposable
{
    public const string Nqn = "nqn.2014-08.org.nvmexpress:uuid:0b1b9c57-6d2a-4c39-9a11-6f0d5f1b7a01";
    public const int BlockSize = 512;
    public const int Blocks = 32768;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly DrainDeadlines Deadlines = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));

    private readonly TcpTransportFactory _transport;
    private readonly IQueuePairListener _listener;
    private readonly Task _accepting;
    private readonly TargetPort _port;

    private TargetFixture(TcpTransportFactory transport, IQueuePairListener listener, PoisonedPool targetPool, TcpTransportOptions hostOptions, NvmeTargetOptions targetOptions)
    {
        _transport = transport;
        _listener = listener;
        TargetPool = targetPool;
        HostPool = new PoisonedPool(128 << 20);
        Target = new NvmeTarget(targetOptions, targetPool.Pool);
        _port = Target.AddPort(TargetPortOptions.FromEndPoint(NvmeTransportType.Tcp, listener.EndPoint));
        Subsystem = Target.AddSubsystem(new SubsystemOptions { Nqn = Nqn });
        Disk = new HoldingBackend((long)Blocks * BlockSize, BlockSize);
        Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = 1 }, Disk);
        hostOptions.BufferPool = HostPool.Pool;
        Host = new NvmeHost(HostPool.Pool, hostOptions);
        _accepting = AcceptAsync();
    }

    public PoisonedPool TargetPool { get; }

    public PoisonedPool HostPool { get; }

    public NvmeTarget Target { get; }

    public Subsystem Subsystem { get; }

    public HoldingBackend Disk { get; }

    public NvmeHost Host { get; }

    public EndPoint EndPoint => _listener.EndPoint;

    public static async Task<TargetFixture> StartAsync(ZeroCopyMode zeroCopy = default, NvmeTargetOptions? target = null, DrainDeadlines? deadlines = null)
    {
        var targetPool = new PoisonedPool(128 << 20);
        var transport = new TcpTransportFactory(Options.Create(NewOptions(zeroCopy, targetPool, deadlines)), NullLoggerFactory.Instance);
        var listener = await new TcpQueuePairListenerFactory(transport, targetPool.Pool).BindAsync(new IPEndPoint(IPAddress.Loopback, 0));
        return new TargetFixture(transport, listener, targetPool, NewOptions(zeroCopy, null), target ?? new NvmeTargetOptions());
    }

    public Task<NvmeController> ConnectAsync(NvmeConnectOptions? options = null) =>
        Host.ConnectAsync(EndPoint, options ?? NewConnectOptions()).WaitAsync(Patience);

    public static NvmeConnectOptions NewConnectOptions() => new() { SubsystemNqn = Nqn };

    /// <summary>The target process dies: nothing is said, connections just break.</summary>
    public async Task KillTargetAsync()
    {
        await _listener.UnbindAsync();
        foreach (var queuePair in _accepted)
        {
            queuePair.Lifecycle.Abort();
        }

        await Task.WhenAll(_accepted.Select(queuePair => queuePair.Lifecycle.Completion)).WaitAsync(Patience);
    }

    /// <summary>Resets every connection; the target goes on.</summary>
    public void BreakConnections()
    {
        foreach (var queuePair in Accepted())
        {
            queuePair.Lifecycle.Abort();
        }
    }

    /// <summary>How the queue pairs ended, when all have.</summary>
    public Task<DrainReport[]> EndsAsync() => Task.WhenAll(Accepted().Select(queuePair => queuePair.Lifecycle.Completion)).WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        Disk.GoOn();
        await Host.DisposeAsync().AsTask().WaitAsync(Patience);
        await _listener.UnbindAsync();
        await _accepting.WaitAsync(Patience);
        await Target.DisposeAsync().AsTask().WaitAsync(Patience);
        await _listener.DisposeAsync().AsTask().WaitAsync(Patience);
        await _transport.DisposeAsync().AsTask().WaitAsync(Patience);
        HostPool.Dispose();
        TargetPool.Dispose();
    }

    private readonly List<QueuePair> _accepted = [];

    private QueuePair[] Accepted()
    {
        lock (_accepted)
        {
            return [.. _accepted];
        }
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

    private static TcpTransportOptions NewOptions(ZeroCopyMode zeroCopy, PoisonedPool? pool, DrainDeadlines? deadlines = null) => new()
    {
        ZeroCopy = zeroCopy,
        BufferPool = pool?.Pool,
        DrainDeadlines = deadlines ?? Deadlines,
        LoopOptions = new EventLoopGroupOptions { Count = 2 },
    };
}
