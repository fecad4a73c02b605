using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

public class PipeOwnedMemoryChannelTests
{
    [Fact]
    public async Task Appended_headers_and_leases_arrive_in_order_and_each_owner_is_told_once()
    {
        using var pool = new PoisonedPool(8 << 20);
        (ConnectionContext client, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, TimeProvider.System);
        var handler = new Recorder();
        channel.Attach(handler);
        var owner = new Counter();
        const int Rounds = 300;
        await OnLoop(channel, () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                channel.AppendHeader(10).Fill((byte)i);
                Assert.True(pool.Pool.TryRent(1000, BufferPriority.InputOutput, out BufferLease lease));
                lease.Span.Fill((byte)~i);
                channel.Append(lease, owner);
            }

            Assert.Equal(Rounds * 1010, channel.UnsentBytes);
            channel.Flush();
        });
        byte[] received = await ReadAsync(client.Transport.Input, Rounds * 1010);
        for (int i = 0; i < Rounds; i++)
        {
            Assert.True(received.AsSpan(i * 1010, 10).IndexOfAnyExcept((byte)i) < 0);
            Assert.True(received.AsSpan((i * 1010) + 10, 1000).IndexOfAnyExcept((byte)~i) < 0);
        }

        await OnLoop(channel, () => { });
        Assert.Equal(Rounds, owner.Proven);
        await QueuePairPair.Until(() => channel.UnsentBytes == 0, "everything to be sent");
        channel.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
        await AssertEndsAsync(channel, handler, TeardownCause.LocalClose);

        // A graceful end is a FIN.
        ReadResult end = await client.Transport.Input.ReadAsync();
        Assert.True(end.IsCompleted);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_holds_back_everything_until_the_deadline()
    {
        using var pool = new PoisonedPool(8 << 20);
        var clock = new ManualTimeProvider();
        (_, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, clock);
        var handler = new Recorder();
        channel.Attach(handler);
        var owner = new Counter();
        await OnLoop(channel, () =>
        {
            for (int i = 0; i < 8; i++)
            {
                Assert.True(pool.Pool.TryRent(100_000, BufferPriority.InputOutput, out BufferLease lease));
                channel.Append(lease, owner);
                channel.Flush();
            }
        });
        Assert.InRange(channel.UnsentBytes, 700_000, 800_000);
        Assert.Equal(1, channel.Lifecycle.References.Transmissions);

        channel.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
        await OnLoop(channel, () => { });
        Assert.Equal(QueuePairState.Draining, channel.Lifecycle.State);
        clock.Advance(TimeSpan.FromSeconds(5));
        await AssertEndsAsync(channel, handler, TeardownCause.LocalClose);
        Assert.Equal(8, owner.Proven);
    }

    [Fact]
    public async Task Pause_stops_and_resume_delivers_what_was_held_back()
    {
        (ConnectionContext client, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, TimeProvider.System);
        var handler = new Recorder();
        handler.OnBytes = bytes =>
        {
            // Leaves everything but one byte, once.
            if (handler.Consumed == 0)
            {
                channel.PauseReceive();
                return 1;
            }

            return bytes.Length;
        };
        channel.Attach(handler);
        await client.Transport.Output.WriteAsync(new byte[5000]);
        await QueuePairPair.Until(() => handler.Consumed == 1, "the first byte");
        Task<FlushResult> writing = client.Transport.Output.WriteAsync(new byte[200_000]).AsTask();
        await OnLoop(channel, () => { });
        Assert.Equal(1, handler.Consumed);
        Assert.False(writing.IsCompleted);
        await OnLoop(channel, channel.ResumeReceive);
        await writing.WaitAsync(TestCommand.Patience);
        await QueuePairPair.Until(() => handler.Consumed == 205_000, "the rest");
        await client.Transport.Output.CompleteAsync();
        await AssertEndsAsync(channel, handler, TeardownCause.HostClosed);
        Assert.Equal(1, handler.PeerClosed);
    }

    [Fact]
    public async Task ReceiveInto_takes_the_next_bytes_and_holds_a_reference_of_its_own()
    {
        using var pool = new PoisonedPool(8 << 20);
        (ConnectionContext client, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, TimeProvider.System);
        var handler = new Recorder();
        Assert.True(pool.Pool.TryRent(300_000, BufferPriority.InputOutput, out BufferLease lease));
        byte[]? copy = null;
        handler.OnInto = into => copy = into.Span.ToArray();
        handler.OnBytes = bytes =>
        {
            if (handler.Consumed == 0)
            {
                channel.ReceiveInto(lease);
                lease.Release();
                return 7;
            }

            return bytes.Length;
        };
        channel.Attach(handler);
        byte[] stream = new byte[400_000];
        new Random(3).NextBytes(stream);
        await client.Transport.Output.WriteAsync(stream);
        await QueuePairPair.Until(() => handler.Consumed == 100_000, "all bytes around the lease");
        Assert.Equal(stream[7..300_007], copy);
        await client.Transport.Output.CompleteAsync();
        await AssertEndsAsync(channel, handler, TeardownCause.HostClosed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_ReceiveInto_under_way_is_given_back_at_the_end(bool error)
    {
        using var pool = new PoisonedPool(8 << 20);
        (ConnectionContext client, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, TimeProvider.System);
        var handler = new Recorder();
        Assert.True(pool.Pool.TryRent(300_000, BufferPriority.InputOutput, out BufferLease lease));
        handler.OnBytes = bytes =>
        {
            channel.ReceiveInto(lease);
            lease.Release();
            return 1;
        };
        channel.Attach(handler);
        await client.Transport.Output.WriteAsync(new byte[50_000]);
        await QueuePairPair.Until(() => handler.Consumed == 1, "the first byte");
        await client.Transport.Output.CompleteAsync(error ? new ConnectionResetException("reset") : null);
        await AssertEndsAsync(channel, handler, error ? TeardownCause.ConnectionReset : TeardownCause.HostClosed);
    }

    [Fact]
    public async Task An_exception_of_the_handler_ends_the_connection()
    {
        (ConnectionContext client, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, TimeProvider.System);
        var handler = new Recorder { OnBytes = _ => throw new InvalidOperationException("broken") };
        channel.Attach(handler);
        await client.Transport.Output.WriteAsync(new byte[10]);
        await AssertEndsAsync(channel, handler, TeardownCause.InternalError);
    }

    [Fact]
    public async Task A_connection_never_attached_ends_too()
    {
        (_, ConnectionContext server) = MemoryTransport.CreatePair();
        var channel = new PipeOwnedMemoryChannel(server, TimeProvider.System);
        channel.Lifecycle.BeginTeardown(TeardownCause.ListenerRemoved);
        DrainReport report = await channel.Lifecycle.Completion.WaitAsync(TestCommand.Patience);
        Assert.Equal(TeardownCause.ListenerRemoved, report.Cause);
    }

    private static async Task AssertEndsAsync(PipeOwnedMemoryChannel channel, Recorder handler, TeardownCause cause)
    {
        DrainReport report = await channel.Lifecycle.Completion.WaitAsync(TestCommand.Patience);
        Assert.Equal(cause, report.Cause);
        await QueuePairPair.Until(() => handler.Closed == 1, "OnClosed");
        Assert.Equal(cause, handler.Quiesced);
    }

    private static Task OnLoop(PipeOwnedMemoryChannel channel, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.Post(new Item(() =>
        {
            try
            {
                Assert.True(channel.IsOnLoop);
                action();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        }));
        return done.Task.WaitAsync(TestCommand.Patience);
    }

    private static async Task<byte[]> ReadAsync(PipeReader input, int length)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync().AsTask().WaitAsync(TestCommand.Patience);
            if (result.Buffer.Length >= length)
            {
                byte[] bytes = result.Buffer.Slice(0, length).ToArray();
                input.AdvanceTo(result.Buffer.GetPosition(length));
                return bytes;
            }

            Assert.False(result.IsCompleted);
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private sealed class Item(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    private sealed class Counter : IOwnedMemorySendOwner
    {
        private int _proven;

        public int Proven => Volatile.Read(ref _proven);

        public void OnSent(bool proven)
        {
            Assert.True(proven);
            Interlocked.Increment(ref _proven);
        }
    }

    private sealed class Recorder : IOwnedMemoryConnectionHandler
    {
        private int _consumed;
        private int _closed;

        public delegate int BytesCallback(ReadOnlySpan<byte> bytes);

        public BytesCallback? OnBytes { get; set; }

        public Action<BufferLease>? OnInto { get; set; }

        public int Consumed => Volatile.Read(ref _consumed);

        public int Closed => Volatile.Read(ref _closed);

        public int PeerClosed { get; private set; }

        public TeardownCause Quiesced { get; private set; }

        public int OnReceived(ReadOnlySpan<byte> bytes)
        {
            int consumed = OnBytes?.Invoke(bytes) ?? bytes.Length;
            Interlocked.Add(ref _consumed, consumed);
            return consumed;
        }

        public void OnReceivedInto(BufferLease destination) => OnInto?.Invoke(destination);

        public void OnBatchEnd()
        {
        }

        public void OnPeerClosed(Exception? error) => PeerClosed++;

        public void OnQuiescing(TeardownCause cause) => Quiesced = cause;

        public void OnClosed(DrainReport report) => Interlocked.Increment(ref _closed);
    }
}
