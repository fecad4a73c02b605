using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class PipeTests
{
    [Fact]
    public async Task EchoesALongStream()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        Task echo = EchoAsync(connection);
        const long Length = 5 << 20;
        await Task.WhenAll(PeerStream.SendAsync(peer, Length, 70_000, 1), PeerStream.ReceiveAsync(peer, Length, 70_000, 2));
        peer.Shutdown(SocketShutdown.Send);
        await echo.WaitAsync(Within.Limit);
        Task disposing = connection.DisposeAsync().AsTask();
        await PeerStream.ExpectFinAsync(peer);
        await disposing.WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AfterThePeersFinTheApplicationCanStillAnswer()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        IDuplexPipe pipe = connection.Transport;
        await peer.SendAsync("question"u8.ToArray().AsMemory());
        peer.Shutdown(SocketShutdown.Send);
        ReadResult question = await pipe.Input.ReadAtLeastAsync(100).AsTask().WaitAsync(Within.Limit);
        Assert.True(question.IsCompleted);
        Assert.Equal("question", Encoding.ASCII.GetString(question.Buffer));
        await pipe.Output.WriteAsync("answer"u8.ToArray());
        byte[] answer = new byte[6];
        Assert.Equal(6, await peer.ReceiveAsync(answer.AsMemory()).AsTask().WaitAsync(Within.Limit));
        Assert.Equal("answer"u8.ToArray(), answer);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        await PeerStream.ExpectFinAsync(peer);
    }

    [Fact]
    public async Task AnApplicationThatDoesNotReadHoldsTheSenderBack()
    {
        await using var host = new TcpTestHost(options => options.MaxReadBufferSize = 10_000);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        IDuplexPipe pipe = connection.Transport;
        Task sending = PeerStream.SendAsync(peer, 8 << 20, 100_000, 3);
        await Within.Until(() => !peer.Poll(0, SelectMode.SelectWrite), "the sender is held back");
        long position = 0;
        while (position < 8 << 20)
        {
            ReadResult result = await pipe.Input.ReadAsync().AsTask().WaitAsync(Within.Limit);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                PeerStream.Check(segment.Span, position);
                position += segment.Length;
            }

            pipe.Input.AdvanceTo(result.Buffer.End);
        }

        await sending;
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AWriterWaitsForASlowPeer()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 8192);
        IDuplexPipe pipe = connection.Transport;
        byte[] bytes = new byte[10 << 20];
        PeerStream.Fill(bytes, 0);
        Task<FlushResult> writing = pipe.Output.WriteAsync(bytes).AsTask();
        await Within.Until(() => host.Pool.Statistics.RentedBlocks > 0, "the sender is at work");
        Assert.False(writing.IsCompleted);
        await PeerStream.ReceiveAsync(peer, bytes.Length, 100_000, 4);
        Assert.False((await writing.WaitAsync(Within.Limit)).IsCompleted);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task DisposeSendsWhatWasWrittenFirst()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 8192);
        byte[] bytes = new byte[3 << 20];
        PeerStream.Fill(bytes, 0);
        _ = connection.Transport.Output.WriteAsync(bytes).AsTask();
        Task disposing = connection.DisposeAsync().AsTask();
        await PeerStream.ReceiveAsync(peer, bytes.Length, 100_000, 4);
        await PeerStream.ExpectFinAsync(peer);
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
        Assert.Equal(QueuePairState.Draining, (await Report(connection)).LastStage);
    }

    [Fact]
    public async Task CompletingTheWriterEndsTheConnection()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        await connection.Transport.Output.WriteAsync(new byte[10]);
        await connection.Transport.Output.CompleteAsync();
        byte[] buffer = new byte[100];
        Assert.Equal(10, await peer.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit));
        await PeerStream.ExpectFinAsync(peer);
        peer.Dispose();
        await Report(connection);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task CompletingTheWriterWithAnErrorResetsThePeer()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        await connection.Transport.Output.CompleteAsync(new FormatException());
        await PeerStream.ExpectResetAsync(peer);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CompletingTheReaderWithAnErrorLeavesTheWriterAlone(bool whileHeldBack)
    {
        await using var host = new TcpTestHost(options => options.MaxReadBufferSize = 10_000);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        IDuplexPipe pipe = connection.Transport;
        if (whileHeldBack)
        {
            _ = PeerStream.SendAsync(peer, 8 << 20, 100_000, 3);
            await Within.Until(() => !peer.Poll(0, SelectMode.SelectWrite), "the sender is held back");
        }

        await pipe.Input.CompleteAsync(new InvalidDataException("nonsense"));
        await pipe.Output.WriteAsync("no"u8.ToArray());
        if (!whileHeldBack)
        {
            await peer.SendAsync(new byte[1000].AsMemory());
        }

        await pipe.Output.WriteAsync("thing"u8.ToArray());
        byte[] answer = new byte[7];
        for (int received = 0; received < answer.Length;)
        {
            int part = await peer.ReceiveAsync(answer.AsMemory(received)).AsTask().WaitAsync(Within.Limit);
            Assert.NotEqual(0, part);
            received += part;
        }

        Assert.Equal("nothing"u8.ToArray(), answer);
        peer.Dispose();
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        Assert.All(host.Loops.Loops, loop => Assert.Equal(0, loop.Statistics.Failures));
    }

    [Fact]
    public async Task AbortGivesItsReasonToTheReader()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();
        var reason = new ConnectionAbortedException("enough");
        connection.Abort(reason);
        Assert.Same(reason, await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading.WaitAsync(Within.Limit)));
        await PeerStream.ExpectResetAsync(peer);
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.WaitAsync(Within.Limit);
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task AResetReachesTheReaderAfterTheBytesBeforeIt()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        IDuplexPipe pipe = connection.Transport;
        await peer.SendAsync(new byte[100].AsMemory());
        await pipe.Input.ReadAsync().AsTask().WaitAsync(Within.Limit);
        pipe.Input.AdvanceTo(default);
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        await Assert.ThrowsAsync<ConnectionResetException>(async () =>
        {
            while (true)
            {
                ReadResult result = await pipe.Input.ReadAsync().AsTask().WaitAsync(Within.Limit);
                pipe.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }
        });
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    [Fact]
    public async Task DisposeCompletesTheOriginalEndsOfAReplacedTransport()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        IDuplexPipe original = connection.Transport;
        var other = new Pipe();
        connection.Transport = new Replacement(other.Reader, other.Writer);
        Assert.Same(other.Reader, connection.Transport.Input);
        peer.Dispose();
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await original.Input.ReadAsync());
    }

    [Fact]
    public async Task ADrainPastItsDeadlinesIsAborted()
    {
        TimeSpan brief = TimeSpan.FromMilliseconds(50);
        await using var host = new TcpTestHost(options => options.DrainDeadlines = new DrainDeadlines(brief, brief, brief));
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 8192);
        _ = connection.Transport.Output.WriteAsync(new byte[10 << 20]).AsTask();
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
        Assert.Equal(QueuePairState.Aborting, (await Report(connection)).LastStage);
        await PeerStream.ExpectResetAsync(peer);
    }

    /// <summary>T1 passes while the peer does not read; then it reads everything there is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnlyAStreamThatWasSentToItsEndEndsInAFin(bool isCutOff)
    {
        const int Length = 10 << 20;
        await using var host = new TcpTestHost(options =>
        {
            options.DrainDeadlines = new DrainDeadlines(TimeSpan.FromMilliseconds(50), Within.Limit, Within.Limit);
            options.MaxWriteBufferSize = null;
        });
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 8192);
        var feature = connection.Features.Get<Abstractions.Connections.IOwnedMemoryConnectionFeature>()!;
        PipeWriter output = connection.Transport.Output;
        await output.WriteAsync(new byte[Length]);
        await Within.Until(() => feature.UnsentBytes > 0, "the socket is full");
        if (isCutOff)
        {
            await output.WriteAsync(new byte[1]);
        }

        Task disposing = connection.DisposeAsync().AsTask();
        await Within.Until(() => feature.Lifecycle.State == QueuePairState.Draining, "T1 has passed");
        byte[] buffer = new byte[1 << 20];
        long received = 0;
        SocketError end = SocketError.Success;
        try
        {
            for (int part = -1; part != 0; received += part)
            {
                part = await peer.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit);
            }
        }
        catch (SocketException exception)
        {
            end = exception.SocketErrorCode;
        }

        Assert.Equal(isCutOff ? SocketError.ConnectionReset : SocketError.Success, end);
        Assert.True(isCutOff || received == Length);
        peer.Dispose();
        await disposing.WaitAsync(Within.Limit);
    }

    private static Task<DrainReport> Report(ConnectionContext connection) =>
        connection.Features.Get<Abstractions.Connections.IOwnedMemoryConnectionFeature>()!.Lifecycle.Completion.WaitAsync(Within.Limit);

    private static async Task EchoAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                await connection.Transport.Output.WriteAsync(segment);
            }

            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private sealed class Replacement(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
