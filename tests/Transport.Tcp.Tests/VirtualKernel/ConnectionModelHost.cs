using System.Diagnostics;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Testing;
using Nvmf.Transport.Tcp.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>What many runs share: a transport on one manual loop, a manual clock, a poisoned pool, and every send whose memory the kernel never let go of.</summary>
internal sealed class ConnectionModelHost : IDisposable
{
    public static readonly DrainDeadlines Deadlines =
        new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));

    public ConnectionModelHost(ZeroCopyMode mode)
    {
        Pool = new BufferPool(new BufferPoolOptions { Poison = true, LimitInBytes = 512 << 20 });
        Loop = EventLoopThread.CreateManual(
            new EventLoopOptions { ReceiveBufferSize = 128 << 10 }, () => Clock.GetTimestamp() * (Stopwatch.Frequency / TimeSpan.TicksPerSecond));
        var options = new TcpTransportOptions
        {
            BufferPool = Pool,
            EventLoops = new EventLoopGroup([Loop]),
            ZeroCopy = mode,
            DrainDeadlines = Deadlines,
            PeerCloseTimeout = TimeSpan.FromMilliseconds(50),
            TimeProvider = Clock,
        };
        Mode = mode;
        Factory = new TcpTransportFactory(Options.Create(options), Log);
        Factory.Transport.EnsureStarted();
    }

    public ZeroCopyMode Mode { get; }

    public ManualTimeProvider Clock { get; } = new();

    public BufferPool Pool { get; }

    public EventLoopThread Loop { get; }

    public CollectingLoggerFactory Log { get; } = new();

    public TcpTransportFactory Factory { get; }

    public TcpTransport Transport => Factory.Transport;

    /// <summary>Sends whose memory went into quarantine. It is never lent again, so it keeps what it held.</summary>
    public List<KernelSend> NeverFreed { get; } = [];

    public void AssertQuarantineUntouched()
    {
        foreach (KernelSend send in NeverFreed)
        {
            if (send.FindDamage() is { } range)
            {
                throw new InvariantException("I8", $"Quarantined memory at {range.Address:X} was written to.");
            }
        }
    }

    public void Dispose()
    {
        Factory.DisposeAsync().AsTask().Wait();
        Loop.Dispose();
        Pool.Dispose();
    }
}
