using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Connections;

public class EndTests
{
    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task After_the_end_of_the_peers_stream_it_can_still_be_answered(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        await peer.SendAsync("question"u8.ToArray());
        await peer.ShutdownAsync();
        Assert.Equal("question", Encoding.ASCII.GetString(await Content.ReadAllAsync(connection.Transport.Input)));
        await connection.Transport.Output.WriteAsync("answer"u8.ToArray());
        await connection.Transport.Output.CompleteAsync();
        Assert.Equal("answer", Encoding.ASCII.GetString(await peer.ReceiveAllAsync()));
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task The_end_of_the_peers_stream_is_told_once_on_the_thread_pool(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        _ = connection.Transport;
        int calls = 0;
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(() =>
        {
            Interlocked.Increment(ref calls);
            told.TrySetResult(Thread.CurrentThread.IsThreadPoolThread);
        });
        await peer.ShutdownAsync();
        Assert.True(await told.Task.WithinLimit());
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
        Assert.Equal(1, calls);
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task Disposing_has_told_everybody_that_the_connection_is_closed(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        _ = connection.Transport;
        bool told = false;
        connection.ConnectionClosed.Register(() => told = true);
        Task disposing = connection.DisposeAsync().AsTask();
        Assert.Empty(await peer.ReceiveAllAsync());
        await peer.DisposeAsync();
        await disposing.WithinLimit();
        Assert.True(told);
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_callback_that_throws_when_the_connection_closes_harms_nobody(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        _ = connection.Transport;
        connection.ConnectionClosed.Register(() => throw new FormatException("on purpose"));
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
        Assert.True(connection.ConnectionClosed.IsCancellationRequested);
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task A_reset_reaches_the_reader_and_ends_the_writer_without_an_exception(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();
        await peer.ResetAsync();
        await Assert.ThrowsAsync<ConnectionResetException>(() => reading.WithinLimit());
        await Within.Until(() => connection.ConnectionClosed.IsCancellationRequested, "the connection is told to be closed");
        FlushResult flush = default;
        while (!flush.IsCompleted)
        {
            flush = await connection.Transport.Output.WriteAsync(new byte[1]).WithinLimit();
        }

        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task A_reset_ends_a_waiting_flush(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        Task<FlushResult> flush = connection.Transport.Output.WriteAsync(new byte[16 << 20]).AsTask();
        await peer.ReceiveExactlyAsync(new byte[1]);
        await peer.ResetAsync();
        Assert.True((await flush.WithinLimit()).IsCompleted);
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task An_abort_resets_the_peer_and_its_first_reason_reaches_the_reader(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Task<ReadResult> reading = connection.Transport.Input.ReadAsync().AsTask();
        var reason = new ConnectionAbortedException("enough");
        connection.Abort(reason);
        connection.Abort(new ConnectionAbortedException("more than enough"));
        Assert.Same(reason, await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading.WithinLimit()));
        await Assert.ThrowsAsync<IOException>(() => peer.ReceiveAllAsync());
        await Within.Until(() => connection.ConnectionClosed.IsCancellationRequested, "the connection is told to be closed");
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task An_abort_ends_a_waiting_flush_and_the_peers_stream(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        Task<FlushResult> flush = connection.Transport.Output.WriteAsync(new byte[16 << 20]).AsTask();
        await peer.ReceiveExactlyAsync(new byte[1]);
        connection.Abort(new ConnectionAbortedException("enough"));
        Assert.True((await flush.WithinLimit()).IsCompleted);
        int received = 0;
        try
        {
            received = (await peer.ReceiveAllAsync()).Length;
        }
        catch (IOException)
        {
        }

        Assert.True(received < 16 << 20);
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Ip), MemberType = typeof(Kinds))]
    public async Task A_writer_that_ends_in_an_error_resets_the_peer(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        await connection.Transport.Output.CompleteAsync(new FormatException("on purpose"));
        await Assert.ThrowsAsync<IOException>(() => peer.ReceiveAllAsync());
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task Completing_the_writer_sends_everything_and_ends_the_stream(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        byte[] content = Content.Bytes(3 << 20);
        Task<byte[]> receiving = peer.ReceiveAllAsync();
        await connection.Transport.Output.WriteAsync(content).WithinLimit();
        await connection.Transport.Output.CompleteAsync();
        Content.AssertSame(content, await receiving.WithinLimit());
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task Disposing_sends_what_was_written_however_late_the_peer_reads_it(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        byte[] content = Content.Bytes(TestTransport.WriteLimit - 1);
        await connection.Transport.Output.WriteAsync(content).WithinLimit();
        Task disposing = connection.DisposeAsync().AsTask();

        // Time to drop something; kinds that do not wait for the peer are through before. Everything must arrive however long this is.
        await Task.WhenAny(disposing, Task.Delay(400));
        Content.AssertSame(content, await peer.ReceiveAllAsync().WithinLimit());
        await peer.DisposeAsync();
        await disposing.WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_reader_that_is_complete_does_not_keep_the_writer_from_working(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        await connection.Transport.Input.CompleteAsync();
        await peer.SendAsync(new byte[1000]);
        byte[] content = Content.Bytes(10_000);
        await connection.Transport.Output.WriteAsync(content).WithinLimit();
        byte[] received = new byte[content.Length];
        await peer.ReceiveExactlyAsync(received);
        Assert.Equal(content, received);
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task A_connection_nobody_has_looked_at_can_be_disposed(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Task disposing = connection.DisposeAsync().AsTask();
        Assert.Empty(await peer.ReceiveAllAsync());
        await peer.DisposeAsync();
        await disposing.WithinLimit();
    }
}
