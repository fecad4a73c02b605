using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class AllocationTests
{
    [Theory]
    [InlineData("never")]
    [InlineData("always")]
    public async Task SendingAndReceivingAllocatesNothing(string mode)
    {
        Assert.True(ZeroCopyMode.TryParse(mode, out ZeroCopyMode zeroCopy));
        await using var host = new TcpTestHost(options => options.ZeroCopy = zeroCopy);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new Responder(connection, host.Pool);
        handler.Feature.Attach(handler);
        byte[] requests = new byte[16 * Responder.Request];
        byte[] responses = new byte[16 * Responder.Response];
        Exchange(500);

        // The least of several: a queue that grows once because this thread was away is not an allocation per request, asking costs a little too.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = await handler.AllocatedOnLoop();
            Exchange(100);
            least = Math.Min(least, await handler.AllocatedOnLoop() - before);
        }

        Assert.True(least < 2_000, $"{least} bytes for 1600 requests.");
        await connection.DisposeAsync();

        void Exchange(int batches)
        {
            for (int i = 0; i < batches; i++)
            {
                peer.Send(requests);
                for (int received = 0; received < responses.Length;)
                {
                    received += peer.Receive(responses, received, responses.Length - received, SocketFlags.None);
                }
            }
        }
    }

    private sealed class Responder(ConnectionContext connection, BufferPool pool) : RecordingHandler(connection)
    {
        public const int Request = 72;
        public const int Response = 24 + 4096 + 24;

        public async Task<long> AllocatedOnLoop()
        {
            long allocated = 0;
            await OnLoop(() => allocated = GC.GetAllocatedBytesForCurrentThread());
            return allocated;
        }

        public override int OnReceived(ReadOnlySpan<byte> bytes)
        {
            int consumed = 0;
            for (; bytes.Length - consumed >= Request; consumed += Request)
            {
                Feature.AppendHeader(24).Clear();
                if (!pool.TryRent(4096, BufferPriority.InputOutput, out BufferLease lease))
                {
                    throw new InvalidOperationException("The pool is exhausted.");
                }

                Feature.Append(lease);
                Feature.AppendHeader(24).Clear();
            }

            return consumed;
        }
    }
}
