using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Nvmf.Conformance.Tests.Transports;

namespace Nvmf.Conformance.Tests.Connections;

public class StreamTests
{
    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task A_stream_arrives_as_it_was_sent(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        Task echo = Content.EchoAsync(connection);
        byte[] sent = Content.Bytes(4 << 20);
        byte[] received = new byte[sent.Length];
        await Task.WhenAll(SendInPiecesAsync(peer, sent, seed: 7), peer.ReceiveExactlyAsync(received)).WithinLimit();
        Content.AssertSame(sent, received);
        await peer.ShutdownAsync();
        await echo.WithinLimit();
        await connection.Transport.Output.CompleteAsync();
        Assert.Empty(await peer.ReceiveAllAsync());
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task Large_pieces_of_memory_are_sent_as_well_as_small_ones(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        PipeWriter output = connection.Transport.Output;
        int[] lengths = [1, 4095, 4096, 4097, 70_000, 300_000, 2_000_000, 3];
        byte[] content = Content.Bytes(lengths.Sum());
        Task<byte[]> receiving = peer.ReceiveAllAsync();
        int position = 0;
        foreach (int length in lengths)
        {
            // A span of that size, also when it is larger than what the pool has.
            content.AsSpan(position, length).CopyTo(output.GetSpan(length));
            output.Advance(length);
            await output.FlushAsync().WithinLimit();
            position += length;
        }

        await output.CompleteAsync();
        Content.AssertSame(content, await receiving.WithinLimit());
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Real), MemberType = typeof(Kinds))]
    public async Task An_application_that_does_not_read_holds_its_peer_back(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
        PipeReader input = connection.Transport.Input;
        byte[] content = Content.Bytes(16 << 20);
        Task sending = peer.SendAsync(content);

        // What is held is bounded: looks, giving nothing back, until nothing more comes for a while, or far too much has. On a slow machine less may have come by then: the
        // assertions are about too much.
        long held = 0;
        for (int unchanged = 0; unchanged < 20 && held < content.Length / 2; unchanged++)
        {
            Task<ReadResult> reading = input.ReadAsync().AsTask();
            if (await Task.WhenAny(reading, Task.Delay(100)) != reading)
            {
                input.CancelPendingRead();
            }

            ReadResult result = await reading.WithinLimit();
            if (result.Buffer.Length > held)
            {
                unchanged = 0;
            }

            held = result.Buffer.Length;

            // Neither consumed nor examined: it counts against the limit.
            input.AdvanceTo(result.Buffer.Start);
            await Task.Delay(5);
        }

        Assert.False(sending.IsCompleted);
        Assert.True(held < content.Length / 2);
        using var all = new MemoryStream();
        while (all.Length < content.Length)
        {
            ReadResult result = await input.ReadAsync().WithinLimit();
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                all.Write(segment.Span);
            }

            input.AdvanceTo(result.Buffer.End);
        }

        await sending.WithinLimit();
        Content.AssertSame(content, all.ToArray());
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task A_peer_that_does_not_read_holds_the_application_back(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        PipeWriter output = connection.Transport.Output;
        byte[] content = Content.Bytes(16 << 20);
        int written = 0;
        Task<FlushResult> flush = Task.FromResult(default(FlushResult));
        while (flush.IsCompleted && written < content.Length)
        {
            flush = output.WriteAsync(content.AsMemory(written, TestTransport.WriteLimit)).AsTask();
            written += TestTransport.WriteLimit;

            // A flush that is merely slow may stop this early; that it is held back is told by what was not written.
            await Task.WhenAny(flush, Task.Delay(200));
        }

        Assert.True(written < content.Length, "Everything was written, and nothing read.");
        Task<byte[]> receiving = peer.ReceiveAllAsync();
        Assert.False((await flush.WithinLimit()).IsCompleted);
        await output.CompleteAsync();
        Content.AssertSame(content.AsMemory(0, written), await receiving.WithinLimit());
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.All), MemberType = typeof(Kinds))]
    public async Task A_waiting_read_and_a_waiting_flush_can_be_canceled(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        PipeReader input = connection.Transport.Input;
        Task<ReadResult> reading = input.ReadAsync().AsTask();
        input.CancelPendingRead();
        ReadResult canceled = await reading.WithinLimit();
        Assert.True(canceled.IsCanceled);
        input.AdvanceTo(canceled.Buffer.End);
        Task<FlushResult> flush = connection.Transport.Output.WriteAsync(new byte[16 << 20]).AsTask();
        connection.Transport.Output.CancelPendingFlush();
        Assert.True((await flush.WithinLimit()).IsCanceled);
        await peer.ResetAsync();
        connection.Abort();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Pooled), MemberType = typeof(Kinds))]
    public async Task The_application_runs_on_the_thread_pool(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext connection, Peer peer) = await transport.ConnectAsync(peerReceiveBuffer: 8192);
        Task<bool> reader = Task.Run(async () =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync().ConfigureAwait(false);
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            return Thread.CurrentThread.IsThreadPoolThread;
        });
        Task<bool> writer = Task.Run(async () =>
        {
            await connection.Transport.Output.WriteAsync(new byte[8 << 20]).ConfigureAwait(false);
            return Thread.CurrentThread.IsThreadPoolThread;
        });
        await peer.SendAsync(new byte[1]);
        Assert.True(await reader.WithinLimit());
        await peer.ReceiveExactlyAsync(new byte[8 << 20]);
        Assert.True(await writer.WithinLimit());
        await peer.DisposeAsync();
        await connection.DisposeAsync().WithinLimit();
    }

    [Theory]
    [MemberData(nameof(Kinds.Pooled), MemberType = typeof(Kinds))]
    public async Task An_application_that_blocks_holds_up_nobody_else(TransportKind kind)
    {
        await using TestTransport transport = await TestTransport.StartAsync(kind);
        (ConnectionContext blocked, Peer first) = await transport.ConnectAsync();
        using var release = new ManualResetEventSlim();
        using var blocking = new ManualResetEventSlim();
        Task holding = Task.Run(async () =>
        {
            await blocked.Transport.Input.ReadAsync().ConfigureAwait(false);
            blocking.Set();
            release.Wait(Within.Limit);
        });
        await first.SendAsync(new byte[1]);
        Assert.True(await Task.Run(() => blocking.Wait(Within.Limit)));
        for (int i = 0; i < 4; i++)
        {
            (ConnectionContext connection, Peer peer) = await transport.ConnectAsync();
            Task echo = Content.EchoAsync(connection);
            await peer.SendAsync(new byte[10]);
            await peer.ReceiveExactlyAsync(new byte[10]);
            await peer.ShutdownAsync();
            await echo.WithinLimit();
            await peer.DisposeAsync();
            await connection.DisposeAsync().WithinLimit();
        }

        release.Set();
        await holding.WithinLimit();
        await first.DisposeAsync();
        await blocked.DisposeAsync().WithinLimit();
    }

    private static async Task SendInPiecesAsync(Peer peer, byte[] content, int seed)
    {
        var random = new Random(seed);
        for (int position = 0; position < content.Length;)
        {
            int part = Math.Min(content.Length - position, random.Next(1, 100_000));
            await peer.SendAsync(content.AsMemory(position, part));
            position += part;
        }
    }
}
