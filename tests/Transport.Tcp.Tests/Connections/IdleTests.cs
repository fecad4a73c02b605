using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Loops must sleep when nothing happens. Iterations are counted over a window of time; a loop that spins makes a hundred thousand of them.</summary>
public class IdleTests
{
    private const int Few = 200;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task IdleConnectionsCostNothing()
    {
        await using var host = new TcpTestHost();
        for (int i = 0; i < 20; i++)
        {
            (ConnectionContext connection, _) = await host.ConnectPairAsync();
            var handler = new RecordingHandler(connection);
            handler.Feature.Attach(handler);
        }

        Assert.True(await IterationsAsync(host) < Few);
        Assert.Equal(0, host.Pool.Statistics.RentedBlocks);
    }

    [Fact]
    public async Task APausedConnectionWithBytesWaitingDoesNotSpin()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(handler.Feature.PauseReceive);
        await peer.SendAsync(new byte[1000].AsMemory());
        Assert.True(await IterationsAsync(host) < Few);
    }

    [Fact]
    public async Task AClosedWindowDoesNotSpin()
    {
        await using var host = new TcpTestHost(options => options.ZeroCopy = ZeroCopyMode.Always);
        (ConnectionContext connection, _) = await host.ConnectPairAsync(peerReceiveBuffer: 4096);
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() => handler.Feature.Append(host.Rent(1 << 20)));
        Assert.True(await IterationsAsync(host) < Few);
    }

    [Fact]
    public async Task WaitingForThePeersFinDoesNotSpin()
    {
        await using var host = new TcpTestHost(options => options.PeerCloseTimeout = Within.Limit);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        Task disposing = connection.DisposeAsync().AsTask();
        await PeerStream.ExpectFinAsync(peer);
        Assert.True(await IterationsAsync(host) < Few);
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task APeerThatHalfClosedAndDoesNotReadDoesNotSpin()
    {
        await using var host = new TcpTestHost(options => options.DrainDeadlines = new DrainDeadlines(Within.Limit, Within.Limit, Within.Limit));
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 4096);
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() => handler.Feature.Append(host.Rent(1 << 20)));
        peer.Shutdown(SocketShutdown.Send);
        await handler.Quiescing;
        Assert.True(await IterationsAsync(host) < Few);
        peer.Dispose();
        await handler.Closed;
    }

    [Fact]
    public async Task AResetBehindThePeersFinDoesNotSpinWhileTheApplicationThinks()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        IDuplexPipe pipe = connection.Transport;
        peer.Shutdown(SocketShutdown.Send);
        Assert.True((await pipe.Input.ReadAsync().AsTask().WaitAsync(Within.Limit)).IsCompleted);
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        await Within.Until(() => Lifecycle(connection).Cause != TeardownCause.None, "the reset is noticed");
        Assert.True(await IterationsAsync(host) < Few);
        Assert.True((await pipe.Output.WriteAsync(new byte[1])).IsCompleted);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AUnixPeerThatClosedDoesNotSpinWhileTheApplicationThinks()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectUnixPairAsync();
        IDuplexPipe pipe = connection.Transport;
        await peer.SendAsync(new byte[1000].AsMemory());
        peer.Dispose();
        ReadResult result = await pipe.Input.ReadAtLeastAsync(1001).AsTask().WaitAsync(Within.Limit);
        Assert.Equal((1000, true), (result.Buffer.Length, result.IsCompleted));
        Assert.True(await IterationsAsync(host) < Few);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AUnixPeerThatClosedWhileNobodyReadsDoesNotSpinAndLosesNothing()
    {
        const int Length = 100_000;
        await using var host = new TcpTestHost(options => options.MaxReadBufferSize = 10_000);
        (ConnectionContext connection, Socket peer) = await host.ConnectUnixPairAsync();
        IDuplexPipe pipe = connection.Transport;
        await PeerStream.SendAsync(peer, Length, 30_000, 1);
        peer.Dispose();
        Assert.True(await IterationsAsync(host) < Few);
        long position = 0;
        ReadResult result;
        do
        {
            result = await pipe.Input.ReadAsync().AsTask().WaitAsync(Within.Limit);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                PeerStream.Check(segment.Span, position);
                position += segment.Length;
            }

            pipe.Input.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);

        Assert.Equal(Length, position);
        Assert.True(await IterationsAsync(host) < Few);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    /// <summary>After connect(AF_UNSPEC) poll reports error and hang-up at once, and for as long as notifications are missing.</summary>
    [Fact]
    public async Task WaitingForProofAfterTheAbortDoesNotSpin()
    {
        TimeSpan brief = TimeSpan.FromMilliseconds(20);
        await using var host = new TcpTestHost(options =>
        {
            options.ZeroCopy = ZeroCopyMode.Always;
            options.DrainDeadlines = new DrainDeadlines(brief, brief, Within.Limit);
        });
        ScriptedTcpSocket? script = null;
        host.Factory.Transport.SocketDecorator = socket => script = new ScriptedTcpSocket(socket) { Withholds = true };
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 4096);
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(() => handler.Feature.Append(host.Rent(1 << 20)));
        handler.Feature.Lifecycle.BeginTeardown(TeardownCause.ListenerRemoved);
        await PeerStream.ExpectResetAsync(peer);
        Assert.True(await IterationsAsync(host) < Few);
        Assert.Equal(QueuePairState.Aborting, handler.Feature.Lifecycle.State);
        script!.Withholds = false;
        Assert.Equal(0, (await handler.Closed).QuarantinedBytes);
    }

    private static QueuePairLifecycle Lifecycle(ConnectionContext connection) => connection.Features.GetRequiredFeature<IOwnedMemoryConnectionFeature>().Lifecycle;

    private static async Task<long> IterationsAsync(TcpTestHost host)
    {
        long before = host.Loops.Loops.Sum(loop => loop.Statistics.Iterations);
        await Task.Delay(Window);
        return host.Loops.Loops.Sum(loop => loop.Statistics.Iterations) - before;
    }
}
