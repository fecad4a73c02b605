using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class ReceiveIntoTests
{
    [Theory]
    [InlineData(1, 40, 300_000, 200_000)]
    [InlineData(2, 400, 9_000, 30_000)]
    [InlineData(3, 60, 200_000, 1)]
    [InlineData(4, 2_000, 40, 5_000)]
    public async Task PayloadsLandInTheirLeases(int seed, int records, int largestRecord, int largestChunk)
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordReader(connection, host.Pool, records, pauseEvery: 0);
        handler.Feature.Attach(handler);
        await SendRecordsAsync(peer, seed, records, largestChunk == 1 ? 2_000 : largestRecord, largestChunk);
        await handler.Done.WaitAsync(Within.Limit);
        peer.Shutdown(SocketShutdown.Send);
        await handler.Closed;
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task PayloadsLandInTheirLeasesThroughPauses(int seed)
    {
        // A small buffer is filled to its last byte often, and then is held back as a whole.
        await using var host = new TcpTestHost(receiveBuffer: 128 << 10);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordReader(connection, host.Pool, records: 300, pauseEvery: 3);
        handler.Feature.Attach(handler);
        await SendRecordsAsync(peer, seed, 300, 60_000, 40_000);
        await handler.Done.WaitAsync(Within.Limit);
        peer.Shutdown(SocketShutdown.Send);
        await handler.Closed;
    }

    [Fact]
    public async Task AnUnfinishedReceiveGivesItsLeaseBackAtTheEnd()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new RecordReader(connection, host.Pool, records: 1, pauseEvery: 0);
        handler.Feature.Attach(handler);
        byte[] header = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, 500_000);
        await peer.SendAsync(header.AsMemory());
        await peer.SendAsync(new byte[1000].AsMemory());
        await Within.Until(() => host.Pool.Statistics.RentedBlocks > 0, "the receive has begun");
        peer.Shutdown(SocketShutdown.Send);
        await handler.Closed;
        Assert.Equal(0, host.Pool.Statistics.RentedBlocks);
    }

    private static async Task SendRecordsAsync(Socket peer, int seed, int records, int largestRecord, int largestChunk)
    {
        var random = new Random(seed);
        using var stream = new MemoryStream();
        byte[] header = new byte[12];
        for (int i = 0; i < records; i++)
        {
            int length = random.Next(1, largestRecord + 1);
            BinaryPrimitives.WriteInt32LittleEndian(header, length);
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(4), stream.Position);
            stream.Write(header);
            byte[] payload = new byte[length];
            PeerStream.Fill(payload, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(4)));
            stream.Write(payload);
        }

        ReadOnlyMemory<byte> bytes = stream.GetBuffer().AsMemory(0, (int)stream.Length);
        while (!bytes.IsEmpty)
        {
            int part = Math.Min(bytes.Length, random.Next(1, largestChunk + 1));
            bytes = bytes[await peer.SendAsync(bytes[..part]).AsTask().WaitAsync(Within.Limit)..];
        }
    }

    /// <summary>Reads records of a 12-byte header (length, position of its content in the stream) and a payload, which goes into a lease.</summary>
    private sealed class RecordReader(ConnectionContext connection, BufferPool pool, int records, int pauseEvery) : RecordingHandler(connection)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _position;
        private int _read;

        public Task Done => _done.Task;

        public override int OnReceived(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length < 12)
            {
                return 0;
            }

            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            _position = BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]);
            if (!pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease))
            {
                throw new InvalidOperationException("The pool is exhausted.");
            }

            Feature.ReceiveInto(lease);
            lease.Release();
            return 12;
        }

        public override void OnReceivedInto(BufferLease destination)
        {
            base.OnReceivedInto(destination);
            try
            {
                PeerStream.Check(destination.Span, _position);
                if (++_read == records)
                {
                    _done.TrySetResult();
                }
            }
            catch (Exception exception)
            {
                _done.TrySetException(exception);
            }

            if (pauseEvery == 0 || _read % pauseEvery != 0)
            {
                return;
            }

            Feature.PauseReceive();
            ThreadPool.QueueUserWorkItem(_ => OnLoop(Feature.ResumeReceive));
        }
    }
}
