using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.EventLoop;
using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>What a peer sends to an application that does not read stays with the peer: it is the TCP window that stops it, not this process's memory.</summary>
public class PipeReadBufferTests
{
    private const int Limit = 256 << 10;
    private const int OneRead = 128 << 10;
    private const long Length = 32 << 20;

    [Fact]
    public async Task ThePipeIsReadIntoUpToItsLimitAndAgainBelowHalfOfIt()
    {
        CountingSocket? socket = null;
        await using var host = new TcpTestHost(options => options.MaxReadBufferSize = Limit, receiveBuffer: OneRead);
        host.Factory.Transport.SocketDecorator = inner => socket = new CountingSocket(inner);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        PipeReader input = connection.Transport.Input;
        Task sending = PeerStream.SendAsync(peer, Length, 100_000, 3);

        // Up to the limit, and what the last read brought.
        await Within.Until(() => socket!.Received >= Limit, "the pipe is full");
        await TurnAsync(host, 1);
        long held = socket!.Received;
        Assert.InRange(held, Limit, Limit + OneRead);

        // There is more: whoever still read would find it in these turns.
        await Within.Until(() => !peer.Poll(0, SelectMode.SelectWrite), "the peer is held back");
        await TurnAsync(host, 50);
        Assert.Equal(held, socket.Received);

        // Half of the limit is not below half.
        long position = await ReadAsync(input, 0, held - (Limit / 2));
        await TurnAsync(host, 50);
        Assert.Equal(held, socket.Received);
        position = await ReadAsync(input, position, position + 1);
        await Within.Until(() => socket.Received > held, "reading goes on");

        while (position < Length)
        {
            position = await ReadAsync(input, position, long.MaxValue);
            Assert.InRange(socket.Received - position, 0, Limit + OneRead);
        }

        await sending;
        await connection.DisposeAsync().AsTask().WaitAsync(Within.Limit);
    }

    /// <summary>One read: checks and consumes what there is, up to position <paramref name="end"/>.</summary>
    private static async Task<long> ReadAsync(PipeReader input, long position, long end)
    {
        ReadResult result = await input.ReadAsync().AsTask().WaitAsync(Within.Limit);
        ReadOnlySequence<byte> part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, end - position));
        foreach (ReadOnlyMemory<byte> segment in part)
        {
            PeerStream.Check(segment.Span, position);
            position += segment.Length;
        }

        input.AdvanceTo(part.End);
        return position;
    }

    /// <summary>Lets every loop look at all its sockets that many times.</summary>
    private static async Task TurnAsync(TcpTestHost host, int times)
    {
        for (int i = 0; i < times; i++)
        {
            foreach (EventLoopThread loop in host.Loops.Loops)
            {
                var item = new Item();
                loop.Post(item);
                await item.Ran.WaitAsync(Within.Limit);
            }
        }
    }

    private sealed class Item : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _ran = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ran => _ran.Task;

        public void Execute() => _ran.SetResult();
    }

    private sealed unsafe class CountingSocket(TcpSocket inner) : DecoratedTcpSocket(inner)
    {
        private long _received;

        public long Received => Interlocked.Read(ref _received);

        public override nint Receive(IoVector* vectors, int count)
        {
            nint received = base.Receive(vectors, count);
            Interlocked.Add(ref _received, Math.Max(0, received));
            return received;
        }
    }
}
