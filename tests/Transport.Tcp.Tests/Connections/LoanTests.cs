using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Received bytes that stay where they are.</summary>
public class LoanTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 3)]
    [InlineData(3, 200)]
    public async Task Lent_bytes_do_not_change_while_they_are_referenced(int seed, int kept)
    {
        const long Length = 24 << 20;
        await using var host = new TcpTestHost(receiveBuffer: 128 << 10);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new Borrower(connection, seed, kept, Length);
        handler.Feature.Attach(handler);
        await PeerStream.SendAsync(peer, Length, 100_000, seed);
        peer.Shutdown(SocketShutdown.Send);
        await handler.Closed;
        handler.ReturnAll();
        Assert.Null(handler.Error);
        Assert.Equal(Length, handler.Borrowed + handler.Copied);
        Assert.True(handler.Borrowed > 0, "Nothing was lent.");

        // What is kept for long soon holds all blocks; then there is nothing to lend.
        if (kept > 100)
        {
            Assert.True(handler.Copied > Length / 2, $"{handler.Borrowed} bytes were lent.");
        }
    }

    [Fact]
    public void Few_blocks_are_lent_from_and_come_back()
    {
        using var loop = new EventLoopThread(new EventLoopOptions { ReceiveBufferSize = 128 << 10 });
        using var blocks = new ReceiveBlocks(loop);
        Assert.False(blocks.TryLend(blocks.Next(0), out _));
        Assert.Equal(0, blocks.Rented);
        List<BufferLease> leases = [];
        for (int i = 0; i < ReceiveBlocks.Count; i++)
        {
            Span<byte> room = blocks.Next(0);
            Assert.Equal(128 << 10, room.Length);
            room.Fill((byte)i);
            Assert.True(blocks.TryLend(room[(i + 1)..^7], out BufferLease lease));
            leases.Add(lease);
        }

        Span<byte> own = blocks.Next(0);
        Assert.True(own.Overlaps(loop.ReceiveBuffer));
        Assert.Equal(ReceiveBlocks.Count, blocks.Rented);
        Assert.False(blocks.TryLend(own, out _));
        for (int i = 0; i < leases.Count; i++)
        {
            Assert.Equal((128 << 10) - i - 8, leases[i].Length);
            Assert.True(leases[i].Span.IndexOfAnyExcept((byte)i) < 0);
        }

        leases[2].Release();
        Span<byte> again = blocks.Next(0);
        Assert.False(again.Overlaps(loop.ReceiveBuffer));
        Assert.True(blocks.Next(0) == again, "Without a loan the block stays.");
        Assert.False(blocks.TryLend(new byte[16], out _));
        Assert.False(blocks.TryLend(loop.ReceiveBuffer[..16], out _));
        Assert.True(blocks.Next((128 << 10) + 1).Overlaps(loop.ReceiveBuffer), "More was held back than a block has room for.");
        leases.RemoveAt(2);
        leases.ForEach(lease => lease.Release());
    }

    /// <summary>Keeps some of the pieces it gets for a while, and then looks at them again.</summary>
    private sealed class Borrower(ConnectionContext connection, int seed, int kept, long length) : RecordingHandler(connection)
    {
        private readonly Random _random = new(seed);
        private readonly Queue<(BufferLease Lease, long Position)> _pieces = new();
        private long _position;

        public Exception? Error { get; private set; }

        public long Borrowed { get; private set; }

        public long Copied { get; private set; }

        public override int OnReceived(ReadOnlySpan<byte> bytes)
        {
            base.OnReceived(bytes);
            int taken = 0;
            while (bytes.Length - taken > 8192)
            {
                ReadOnlySpan<byte> piece = bytes.Slice(taken, _random.Next(1, 8193));
                Take(piece);
                taken += piece.Length;
            }

            // The rest comes again with what follows it, as long as something does.
            if (_position < length - (1 << 20) && _random.Next(3) != 0)
            {
                return taken;
            }

            Take(bytes[taken..]);
            return bytes.Length;
        }

        public void ReturnAll()
        {
            while (_pieces.Count > 0)
            {
                Return();
            }
        }

        private void Take(ReadOnlySpan<byte> piece)
        {
            if (piece.IsEmpty)
            {
                return;
            }

            try
            {
                PeerStream.Check(piece, _position);
            }
            catch (Exception exception)
            {
                Error ??= exception;
            }

            if (Feature.TryLend(piece, out BufferLease lease))
            {
                Borrowed += piece.Length;
                _pieces.Enqueue((lease, _position));
            }
            else
            {
                Copied += piece.Length;
            }

            _position += piece.Length;
            while (_pieces.Count > kept)
            {
                Return();
            }
        }

        private void Return()
        {
            (BufferLease lease, long position) = _pieces.Dequeue();
            try
            {
                PeerStream.Check(lease.Span, position);
            }
            catch (Exception exception)
            {
                Error ??= exception;
            }

            lease.Release();
        }
    }
}
