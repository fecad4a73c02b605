using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

public class ZeroCopyTests
{
    [Theory]
    [InlineData(Errno.ENOBUFS, ZeroCopyRefusal.NoBuffers)]
    [InlineData(Errno.ENOMEM, ZeroCopyRefusal.OutOfMemory)]
    [InlineData(Errno.EFAULT, ZeroCopyRefusal.CannotPin)]
    [InlineData(Errno.EOPNOTSUPP, ZeroCopyRefusal.NotSupported)]
    [InlineData(Errno.EINVAL, ZeroCopyRefusal.NotSupported)]
    public async Task ARefusedSendIsCopiedAndCounted(int errno, object refusal)
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        host.Factory.Transport.SocketDecorator = socket => new ScriptedTcpSocket(socket) { Refusal = call => call % 3 == 1 ? errno : 0 };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new EchoHandler(connection, host.Pool, largest: 10_000);
        handler.Feature.Attach(handler);
        const long Length = 4 << 20;
        await Task.WhenAll(PeerStream.SendAsync(peer, Length, 50_000, 1), PeerStream.ReceiveAsync(peer, Length, 50_000, 2));

        // The peer may be done before the loop has counted its last send.
        await Within.Until(() => Sum(host, counters => counters.BytesCopied + counters.BytesZeroCopied) == Length, "every byte is counted");
        long fallback = Sum(host, counters => counters.FallbackBytes[(int)(ZeroCopyRefusal)refusal]);
        long heldBack = Sum(host, counters => counters.FallbackBytes[(int)ZeroCopyRefusal.HeldBack]);
        Assert.True(fallback > 0);
        Assert.Equal(fallback + heldBack, Sum(host, counters => counters.BytesCopied));
        peer.Dispose();
        await handler.Closed;
    }

    [Fact]
    public async Task AKernelThatNeverSendsWithoutCopyingIsNoProblem()
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        host.Factory.Transport.SocketDecorator = socket => new ScriptedTcpSocket(socket) { Refusal = static _ => Errno.ENOBUFS };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new EchoHandler(connection, host.Pool);
        handler.Feature.Attach(handler);
        await Task.WhenAll(PeerStream.SendAsync(peer, 1 << 20, 50_000, 1), PeerStream.ReceiveAsync(peer, 1 << 20, 50_000, 2));
        Assert.Equal(0, Sum(host, counters => counters.BytesZeroCopied));
        peer.Dispose();
        await handler.Closed;
    }

    [Fact]
    public async Task MemoryWithoutProofIsQuarantined()
    {
        TimeSpan brief = TimeSpan.FromMilliseconds(50);
        const int Length = 40_960;
        await using var host = new TcpTestHost(options =>
        {
            options.ZeroCopy = ZeroCopyMode.AtLeast(1000);
            options.DrainDeadlines = new DrainDeadlines(brief, brief, brief);
        });
        host.Factory.Transport.SocketDecorator = socket => new ScriptedTcpSocket(socket) { Withholds = true };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        var owner = new CountingOwner();
        await handler.OnLoop(() =>
        {
            BufferLease lease = host.Rent(Length);
            PeerStream.Fill(lease.Span, 0);
            handler.Feature.Append(lease, owner);
        });
        await PeerStream.ReceiveAsync(peer, Length, Length, 1);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        DrainReport report = await handler.Closed;
        Assert.Equal(Length, report.QuarantinedBytes);
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        Assert.Equal((0, 1), (owner.Proven, owner.Unproven));
        Assert.Equal(1, host.Pool.Statistics.QuarantinedBlocks);
        Assert.Equal(Length, Sum(host, counters => counters.QuarantinedBytes));
        Assert.Equal(1, Sum(host, counters => counters.DrainDeadlines));
        host.ExpectedQuarantine = host.Pool.Statistics.QuarantinedBytes;
    }

    [Fact]
    public async Task AnOwnerIsToldWhenTheNotificationComesAndNotBefore()
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        ScriptedTcpSocket? script = null;
        host.Factory.Transport.SocketDecorator = socket => script = new ScriptedTcpSocket(socket) { Withholds = true };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        var owner = new CountingOwner();
        await handler.OnLoop(() => handler.Feature.Append(host.Rent(8192), owner));
        byte[] buffer = new byte[8192];
        await peer.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit);
        await handler.OnLoop(() => { });
        Assert.Equal(0, owner.Proven);
        Assert.Equal(1, host.Pool.Statistics.RentedBlocks);
        script!.Withholds = false;
        await Within.Until(() => owner.Proven == 1, "the owner is told");
        await connection.DisposeAsync();
    }

    [Theory]
    [InlineData("auto", false)]
    [InlineData("never", false)]
    [InlineData("16384", true)]
    [InlineData("always", true)]
    public async Task LoopbackPeersAreCopiedToUnlessAsked(string mode, bool zeroCopies)
    {
        Assert.True(ZeroCopyMode.TryParse(mode, out ZeroCopyMode parsed));
        await using var host = new TcpTestHost(options => options.ZeroCopy = parsed);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() =>
        {
            PeerStream.Fill(handler.Feature.AppendHeader(24), 0);
            BufferLease lease = host.Rent(20_000);
            PeerStream.Fill(lease.Span, 24);
            handler.Feature.Append(lease);
        });
        await PeerStream.ReceiveAsync(peer, 20_024, 20_024, 1);
        await handler.OnLoop(() => { });
        Assert.Equal(zeroCopies ? 20_024 : 0, Sum(host, counters => counters.BytesZeroCopied));
        await connection.DisposeAsync();
    }

    private static long Sum(TcpTestHost host, Func<TcpCounters, long> value) => host.Factory.Transport.Loops.Sum(loop => value(loop.Counters));
}
