using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Tests.Connections;

public class BackPressureTests
{
    [Fact]
    public async Task APausedConnectionReadsNothingAndLosesNothing()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new CheckingHandler(connection);
        handler.Feature.Attach(handler);
        await handler.OnLoop(handler.Feature.PauseReceive);
        Task sending = PeerStream.SendAsync(peer, 6 << 20, 100_000, seed: 1);
        await Within.Until(() => peer.Poll(0, SelectMode.SelectWrite) is false, "the kernel's buffers are full");
        Assert.True(handler.Received < 2 << 20, "Nearly everything is held back by the kernel.");
        long before = handler.Received;
        await handler.OnLoop(() => { });
        Assert.Equal(before, handler.Received);
        await handler.OnLoop(handler.Feature.ResumeReceive);
        await sending;
        await Within.Until(() => handler.Received == 6 << 20, "everything arrived");
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task BytesLeftUnconsumedAreOfferedAgainWithWhatFollows()
    {
        await using var host = new TcpTestHost(receiveBuffer: 128 << 10);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new PickyHandler(connection);
        handler.Feature.Attach(handler);
        await PeerStream.SendAsync(peer, 3_000_000, 50_000, seed: 5);
        await Within.Until(() => handler.Received == 3_000_000, "everything arrived");
        Assert.True(handler.Leftovers > 10);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task AHandlerThatHoardsBytesLosesItsConnection()
    {
        await using var host = new TcpTestHost();
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync();
        var handler = new HoardingHandler(connection);
        handler.Feature.Attach(handler);
        Task sending = PeerStream.SendAsync(peer, 1 << 20, 100_000, seed: 6);
        Assert.Equal(Abstractions.Lifecycle.TeardownCause.InternalError, (await handler.Closed).Cause);
        await Task.WhenAny(sending);
        if (sending.IsFaulted)
        {
            Assert.IsType<SocketException>(sending.Exception.InnerException);
        }
    }

    [Theory]
    [InlineData("never")]
    [InlineData("always")]
    public async Task ASlowReaderGetsEverythingInPieces(string mode)
    {
        Assert.True(ZeroCopyMode.TryParse(mode, out ZeroCopyMode zeroCopy));
        await using var host = new TcpTestHost(options => options.ZeroCopy = zeroCopy);
        (ConnectionContext connection, Socket peer) = await host.ConnectPairAsync(peerReceiveBuffer: 8192);
        var handler = new RecordingHandler(connection);
        handler.Feature.Attach(handler);
        const int Block = 100_000;
        const int Blocks = 50;
        var owner = new CountingOwner();
        await handler.OnLoop(() =>
        {
            for (int i = 0; i < Blocks; i++)
            {
                long position = (long)i * (Block + 10);
                PeerStream.Fill(handler.Feature.AppendHeader(10), position);
                BufferLease lease = host.Rent(Block);
                PeerStream.Fill(lease.Span, position + 10);
                handler.Feature.Append(lease, owner);
            }
        });
        await Within.Until(() => handler.Feature.UnsentBytes < (long)Blocks * (Block + 10), "the first bytes are on their way");
        Assert.True(handler.Feature.UnsentBytes > 0, "The peer's window is closed.");
        await PeerStream.ReceiveAsync(peer, (long)Blocks * (Block + 10), 3_000, seed: 7);
        await Within.Until(() => owner.Proven == Blocks, "every block is proven off the wire");
        Assert.Equal(0, handler.Feature.UnsentBytes);
        await connection.DisposeAsync();
    }

    private sealed class CheckingHandler(ConnectionContext connection) : RecordingHandler(connection)
    {
        public override int OnReceived(ReadOnlySpan<byte> bytes)
        {
            PeerStream.Check(bytes, Received);
            return base.OnReceived(bytes);
        }
    }

    /// <summary>Takes units of 1000 bytes, and all of them only every other time.</summary>
    private sealed class PickyHandler(ConnectionContext connection) : RecordingHandler(connection)
    {
        private bool _generous;

        public int Leftovers { get; private set; }

        public override int OnReceived(ReadOnlySpan<byte> bytes)
        {
            PeerStream.Check(bytes, Received);
            _generous = !_generous;
            int units = bytes.Length / 1000;
            int left = Math.Min(units, 60);
            int consumed = _generous || Received + bytes.Length == 3_000_000 ? units * 1000 : (units - left) * 1000;
            if (consumed < bytes.Length)
            {
                Leftovers++;
            }

            return base.OnReceived(bytes[..consumed]);
        }
    }

    private sealed class HoardingHandler(ConnectionContext connection) : RecordingHandler(connection)
    {
        public override int OnReceived(ReadOnlySpan<byte> bytes) => 0;
    }
}
