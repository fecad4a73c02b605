using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class CloseTests
{
    [Fact]
    public async Task DisposeSendsEverythingThenFin()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() =>
        {
            BufferLease lease = host.Rent(300_000);
            PeerStream.Fill(lease.Span, 0);
            handler.Feature.Append(lease);
        });
        Task disposing = connection.DisposeAsync().AsTask();
        await PeerStream.ReceiveAsync(peer, 300_000, 10_000, seed: 1);
        await PeerStream.ExpectFinAsync(peer);
        peer.Shutdown(SocketShutdown.Send);
        await disposing.WaitAsync(Within.Limit);
        DrainReport report = await handler.Closed;
        Assert.Equal(TeardownCause.LocalClose, report.Cause);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
        Assert.Empty(report.LaterCauses);
    }

    [Fact]
    public async Task TheEndIsReportedWhenTheHandlerHasBeenTold()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        using var handler = new SlowlyClosingHandler(connection);
        handler.Feature.Attach(handler);
        peer.Close(0);
        await handler.Closing.WaitAsync(Within.Limit);
        bool tooEarly = handler.Feature.Lifecycle.Completion.IsCompleted;
        Task stopping = host.Factory.DisposeAsync().AsTask();
        handler.GoOn();
        await stopping.WaitAsync(Within.Limit);
        Assert.False(tooEarly);
        Assert.True(handler.HasClosed);
        Assert.True(handler.Feature.Lifecycle.Completion.IsCompleted);
    }

    [Fact]
    public async Task APeerThatKeepsItsSideOpenIsNotWaitedForLong()
    {
        await using var host = new TcpTestHost(options => options.PeerCloseTimeout = TimeSpan.FromMilliseconds(20));
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        Assert.Equal(QueuePairState.Draining, (await handler.Closed).LastStage);
        await PeerStream.ExpectFinAsync(peer);
    }

    [Fact]
    public async Task UnreadReceivedBytesDoNotCutOffTheLastResponse()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(handler.Feature.PauseReceive);
        await peer.SendAsync(new byte[100_000].AsMemory());
        await handler.OnLoop(() => PeerStream.Fill(handler.Feature.AppendHeader(100), 0));
        Task disposing = connection.DisposeAsync().AsTask();
        await peer.SendAsync(new byte[50_000].AsMemory());
        peer.Shutdown(SocketShutdown.Send);
        await disposing.WaitAsync(Within.Limit);

        // The descriptor is closed: with a byte left in it the peer would have got a RST, and on some systems would have lost what it had not read.
        Assert.Equal(0, peer.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error));
        await PeerStream.ReceiveAsync(peer, 100, 100, seed: 1);
        await PeerStream.ExpectFinAsync(peer);
    }

    [Fact]
    public async Task AbortResetsThePeer()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        connection.Abort(new ConnectionAbortedException("first"));
        connection.Abort(new ConnectionAbortedException("second"));
        await PeerStream.ExpectResetAsync(peer);
        DrainReport report = await handler.Closed;
        Assert.Equal(TeardownCause.LocalClose, report.Cause);
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        Assert.Equal("first", report.Error?.Message);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task TheClosedTokenFiresOnThePeersFin()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var closed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(() => closed.TrySetResult(Thread.CurrentThread.IsThreadPoolThread));
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        peer.Shutdown(SocketShutdown.Send);
        Assert.True(await closed.Task.WaitAsync(Within.Limit));
        Assert.Equal(TeardownCause.HostClosed, (await handler.Closed).Cause);
        await PeerStream.ExpectFinAsync(peer);
    }

    [Fact]
    public async Task AResetIsReportedWithItsError()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        Assert.IsType<ConnectionResetException>(await handler.PeerClosed);
        DrainReport report = await handler.Closed;
        Assert.Equal(TeardownCause.ConnectionReset, report.Cause);
        Assert.IsType<ConnectionResetException>(report.Error);
    }

    [Fact]
    public async Task AResetAfterThePeersFinEndsTheDrain()
    {
        TimeSpan never = TimeSpan.FromHours(1);
        await using var host = new TcpTestHost(options => options.DrainDeadlines = new DrainDeadlines(never, never, never));
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 4096);
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() => handler.Feature.Append(host.Rent(1 << 20)));
        peer.Shutdown(SocketShutdown.Send);
        await handler.PeerClosed;
        await Within.Until(() => handler.Feature.Lifecycle.State == QueuePairState.Draining, "the drain has begun");

        // Unread bytes turn this close into a RST.
        peer.Dispose();
        Assert.Equal(QueuePairState.Aborting, (await handler.Closed).LastStage);
    }

    [Fact]
    public async Task AResetIsNoticedWhilePaused()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(handler.Feature.PauseReceive);
        await peer.SendAsync(new byte[1000].AsMemory());
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        Assert.IsType<ConnectionResetException>(await handler.PeerClosed);
        await handler.Closed;
    }

    [Fact]
    public async Task BytesBeforeAResetAreDelivered()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        await peer.SendAsync(new byte[1000].AsMemory());
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.Closed;
        Assert.Equal(1000, handler.Received);
    }

    [Fact]
    public async Task ACommandOutstandingHoldsTheDrainBack()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        Assert.True(handler.Feature.Lifecycle.TryGoLive());
        Assert.True(handler.Feature.Lifecycle.TryAcquire(ReferenceKind.Command));
        Task disposing = connection.DisposeAsync().AsTask();
        Assert.Equal(TeardownCause.LocalClose, await handler.Quiescing);
        await handler.OnLoop(() => PeerStream.Fill(handler.Feature.AppendHeader(100), 0));
        handler.Feature.Lifecycle.Release(ReferenceKind.Command);
        await PeerStream.ReceiveAsync(peer, 100, 100, seed: 1);
        await PeerStream.ExpectFinAsync(peer);
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AppendsAfterTheDrainAreGivenBack()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        peer.Dispose();
        await handler.Closed;
        var owner = new CountingOwner();
        await handler.OnLoop(() =>
        {
            handler.Feature.AppendHeader(24).Clear();
            handler.Feature.Append(host.Rent(5000), owner);
            handler.Feature.Flush();
        });
        Assert.Equal(1, owner.Proven);
    }

    [Fact]
    public async Task AHandlerThatThrowsEndsItsConnectionOnly()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new ThrowingHandler(connection);
        handler.Feature.Attach(handler);
        await peer.SendAsync(new byte[10].AsMemory());
        DrainReport report = await handler.Closed;
        Assert.Equal(TeardownCause.InternalError, report.Cause);
        Assert.IsType<FormatException>(report.Error);
        await PeerStream.ExpectResetAsync(peer);
        (ConnectionContext other, Socket otherPeer) = await host.ConnectPairAsync();
        var echo = new EchoHandler(other, host.Pool);
        echo.Feature.Attach(echo);
        await PeerStream.SendAsync(otherPeer, 1000, 1000, 1);
        await PeerStream.ReceiveAsync(otherPeer, 1000, 1000, 1);
        await other.DisposeAsync();
    }

    [Fact]
    public async Task AConnectionNobodyUsedCanBeDisposed()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        Task disposing = connection.DisposeAsync().AsTask();
        await PeerStream.ExpectFinAsync(peer);
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AHandlerAttachedTooLateIsToldEverything()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        connection.Abort();
        await PeerStream.ExpectResetAsync(peer);
        var handler = new RecordingHandler(connection);
        await handler.Feature.Lifecycle.Completion.WaitAsync(Within.Limit);
        handler.Feature.Attach(handler);
        await handler.Closed;
        Assert.Equal(["Quiescing", "Closed"], handler.Events);
    }

    [Fact]
    public async Task ASecondUserIsRefused()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, _) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        Assert.Throws<InvalidOperationException>(() => handler.Feature.Attach(handler));
        Assert.Throws<InvalidOperationException>(() => connection.Transport);
        await connection.DisposeAsync();
    }

    private sealed class ThrowingHandler(ConnectionContext connection) : RecordingHandler(connection)
    {
        public override int OnReceived(ReadOnlySpan<byte> bytes) => throw new FormatException("Broken on purpose.");
    }

    /// <summary>Keeps the loop in <see cref="OnClosed"/>.</summary>
    private sealed class SlowlyClosingHandler(ConnectionContext connection) : RecordingHandler(connection), IDisposable
    {
        private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _goOn = new();
        private volatile bool _hasClosed;

        public Task Closing => _closing.Task;

        public bool HasClosed => _hasClosed;

        public void GoOn() => _goOn.Set();

        public override void OnClosed(DrainReport report)
        {
            _closing.SetResult();
            _goOn.Wait(Within.Limit);
            _hasClosed = true;
            base.OnClosed(report);
        }

        public void Dispose() => _goOn.Dispose();
    }
}
