using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Xunit.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.Connections.ClosedWindow;

/// <summary>
/// Failure F1: 1 MiB of zero-copy responses waits for a peer that does not read, the connection is torn down, the pool poisons what it
/// gets back, and then the peer reads.
/// </summary>
public class ClosedWindowTests(ITestOutputHelper output)
{
    private const int Block = 128 << 10;
    private const int Blocks = 8;
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(100);

    public static TheoryData<TeardownCause> Causes =>
    [
        TeardownCause.ListenerRemoved, TeardownCause.HostRemoved, TeardownCause.SubsystemRemoved, TeardownCause.KeepAliveExpired,
        TeardownCause.ControllerDisabled, TeardownCause.ControllerShutdown, TeardownCause.ProtocolError, TeardownCause.ProcessStop,
        TeardownCause.LocalClose,
    ];

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task APeerThatReadsInTimeGetsEverythingIntact(TeardownCause cause)
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        (RecordingHandler handler, Socket peer) = await FillAsync(host);
        handler.Feature.Lifecycle.BeginTeardown(cause);
        await handler.Quiescing;
        CorruptBlocks found = await CorruptBlocks.CountAsync(peer);
        peer.Dispose();
        DrainReport report = await handler.Closed;
        output.WriteLine($"{found}, {report}");
        Assert.Equal(new CorruptBlocks(256, 0, false), found);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
        Assert.Equal(cause, report.Cause);
        Assert.Equal(0, report.QuarantinedBytes);
        Assert.True(report.DrainedBytes > 0);
    }

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task APeerThatReadsTooLateFindsNothingForeign(TeardownCause cause)
    {
        await using var host = new TcpTestHost(options =>
        {
            options.ZeroCopy = ZeroCopyMode.Always;
            options.DrainDeadlines = new DrainDeadlines(Brief, Brief, Within.Limit);
        });
        (RecordingHandler handler, Socket peer) = await FillAsync(host);
        long start = Stopwatch.GetTimestamp();
        handler.Feature.Lifecycle.BeginTeardown(cause);
        DrainReport report = await handler.Closed;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        Assert.Equal(0, host.Pool.Statistics.RentedBlocks);
        CorruptBlocks found = await CorruptBlocks.CountAsync(peer);
        output.WriteLine($"{found}, {elapsed}, {report}");
        Assert.Equal((0, true), (found.Corrupt, found.WasReset));
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        Assert.True(elapsed < Within.Limit, "T3 was not needed.");
        Assert.Equal(0, report.QuarantinedBytes);
        Assert.Equal(Block * Blocks, report.AbortedBytes + report.DrainedBytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NegativeControlANaiveTargetCorrupts(bool aborts)
    {
        await using var host = new TcpTestHost(options =>
        {
            options.ZeroCopy = ZeroCopyMode.Always;
            options.PeerCloseTimeout = TimeSpan.Zero;
            options.DrainDeadlines = new DrainDeadlines(Brief, Brief, Brief);
        });
        host.Factory.Transport.SocketDecorator = socket => new NaiveTcpSocket(socket);
        (RecordingHandler handler, Socket peer) = await FillAsync(host);
        if (aborts)
        {
            handler.Connection.Abort();
        }
        else
        {
            handler.Feature.Lifecycle.BeginTeardown(TeardownCause.ListenerRemoved);
        }

        await handler.Closed;
        CorruptBlocks found = await CorruptBlocks.CountAsync(peer);
        output.WriteLine($"{found}");
        Assert.True(found.Corrupt > 0, "The control saw no corruption: the tests above prove nothing.");
    }

    [Fact]
    public async Task AHostThatHalfClosesGetsEverythingIntact()
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        (RecordingHandler handler, Socket peer) = await FillAsync(host);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Null(await handler.PeerClosed);
        Assert.Equal(new CorruptBlocks(256, 0, false), await CorruptBlocks.CountAsync(peer));
        DrainReport report = await handler.Closed;
        Assert.Equal((TeardownCause.HostClosed, QueuePairState.Draining), (report.Cause, report.LastStage));
    }

    [Fact]
    public async Task AHostThatResetsFreesEverythingAtOnce()
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        (RecordingHandler handler, Socket peer) = await FillAsync(host);
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        Assert.IsType<ConnectionResetException>(await handler.PeerClosed);
        DrainReport report = await handler.Closed;
        Assert.Equal((TeardownCause.ConnectionReset, QueuePairState.Aborting), (report.Cause, report.LastStage));
        Assert.True(report.Elapsed < DrainDeadlines.Default.Transmissions);
    }

    [Fact]
    public async Task AVanishedReaderEndsByTheUserTimeout()
    {
        await using var host = new TcpTestHost(options =>
        {
            options.ZeroCopy = ZeroCopyMode.Always;
            options.UserTimeout = TimeSpan.FromMilliseconds(500);
        });
        (RecordingHandler handler, Socket peer) = await FillAsync(host);
        Assert.IsType<ConnectionAbortedException>(await handler.PeerClosed);
        Assert.Equal(TeardownCause.TimedOut, (await handler.Closed).Cause);
        GC.KeepAlive(peer);
    }

    /// <summary>Connects a peer with a small window that does not read, and queues 1 MiB of known content.</summary>
    private static async Task<(RecordingHandler Handler, Socket Peer)> FillAsync(TcpTestHost host)
    {
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 4096);
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() =>
        {
            for (int i = 0; i < Blocks; i++)
            {
                BufferLease lease = host.Rent(Block);
                PeerStream.Fill(lease.Span, (long)i * Block);
                handler.Feature.Append(lease);
            }
        });
        await Within.Until(() => handler.Feature.UnsentBytes < Block * Blocks, "the kernel has taken the first bytes");
        Assert.True(handler.Feature.UnsentBytes > 0 || host.Pool.Statistics.RentedBlocks > 0, "The window is closed.");
        return (handler, peer);
    }
}
