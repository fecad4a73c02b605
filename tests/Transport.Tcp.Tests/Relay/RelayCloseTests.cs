using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>How relays end: FIN is FIN, RST is RST, and each time-out has its cause.</summary>
public class RelayCloseTests
{
    // Around a segment, a page, the buffers, the pipe.
    public static TheoryData<int> ByteClasses => [0, 1, 17, 1448, 4096, 4097, 65_536, 300_001, (1 << 20) + 1];

    [Theory]
    [MemberData(nameof(ByteClasses))]
    public async Task AHalfClosedConnectionGoesOnTheOtherWay(int bytes)
    {
        await using var host = new RelayTestHost();
        RelayedPair pair = await host.ConnectAsync();
        Task sending = PeerStream.SendAsync(pair.Client, bytes, 50_000, seed: bytes);
        await PeerStream.ReceiveAsync(pair.Server, bytes, 50_000, seed: bytes);
        await sending;
        pair.Client.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(pair.Server);
        sending = PeerStream.SendAsync(pair.Server, bytes + 100_000, 30_000, seed: bytes);
        await PeerStream.ReceiveAsync(pair.Client, bytes + 100_000, 30_000, seed: bytes);
        await sending;
        Assert.Equal(QueuePairState.Live, pair.Relay.Lifecycle.State);
        pair.Server.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(pair.Client);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.HostClosed, report.Cause);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
        Assert.Null(report.Error);
    }

    [Fact]
    public async Task AHalfClosedConnectionGoesOnTheOtherWayWhereThisProcessCopies()
    {
        await using var host = new RelayTestHost(RelayWay.Pipelines);
        RelayedPair pair = await host.ConnectAsync();
        await PeerStream.SendAsync(pair.Client, 1000, 1000, seed: 1);
        pair.Client.Shutdown(SocketShutdown.Send);
        await PeerStream.ReceiveAsync(pair.Server, 1000, 1000, seed: 1);
        await PeerStream.ExpectFinAsync(pair.Server);
        Task sending = PeerStream.SendAsync(pair.Server, 500_000, 30_000, seed: 2);
        await PeerStream.ReceiveAsync(pair.Client, 500_000, 30_000, seed: 2);
        await sending;
        pair.Server.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(pair.Client);
        Assert.Equal(TeardownCause.HostClosed, (await pair.Completion).Cause);
    }

    [Theory]
    [MemberData(nameof(ByteClasses))]
    public async Task AResetIsAResetOnTheOtherSide(int bytes)
    {
        await using var host = new RelayTestHost();
        foreach (bool fromClient in new[] { true, false })
        {
            RelayedPair pair = await host.ConnectAsync();
            (Socket near, Socket far) = fromClient ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
            Task sending = PeerStream.SendAsync(near, bytes, 50_000, seed: bytes);
            await PeerStream.ReceiveAsync(far, bytes, 50_000, seed: bytes);
            await sending;
            near.Close(0);
            await PeerStream.ExpectResetAsync(far);
            DrainReport report = await pair.Completion;
            Assert.Equal(TeardownCause.ConnectionReset, report.Cause);
            Assert.IsType<ConnectionResetException>(report.Error);
        }
    }

    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Copy)]
    [InlineData(RelayWay.Pipelines)]
    public async Task AResetIsAResetHoweverBytesGo(RelayWay way)
    {
        await using var host = new RelayTestHost(way);
        foreach (bool fromClient in new[] { true, false })
        {
            RelayedPair pair = await host.ConnectAsync();
            (Socket near, Socket far) = fromClient ? (pair.Client, pair.Server) : (pair.Server, pair.Client);
            await PeerStream.SendAsync(near, 1000, 1000, seed: 1);
            await PeerStream.ReceiveAsync(far, 1000, 1000, seed: 1);
            near.Close(0);
            await PeerStream.ExpectResetAsync(far);
            Assert.Equal(TeardownCause.ConnectionReset, (await pair.Completion).Cause);
        }
    }

    /// <summary>Nobody received those bytes yet when the reset comes: they may be lost, but what arrives is right, and a reset follows, never FIN.</summary>
    [Theory]
    [MemberData(nameof(ByteClasses))]
    public async Task AResetRightBehindItsBytes(int bytes)
    {
        await using var host = new RelayTestHost();
        RelayedPair pair = await host.ConnectAsync();
        byte[] sent = new byte[bytes];
        PeerStream.Fill(sent, 0);
        pair.Client.Blocking = false;
        if (bytes > 0)
        {
            _ = pair.Client.Send(sent, SocketFlags.None, out _);
        }

        pair.Client.Close(0);
        byte[] buffer = new byte[10_000];
        long position = 0;
        SocketException error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            int received;
            while ((received = await pair.Server.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit)) > 0)
            {
                PeerStream.Check(buffer.AsSpan(0, received), position);
                position += received;
            }
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        Assert.Equal(TeardownCause.ConnectionReset, (await pair.Completion).Cause);
    }

    [Fact]
    public async Task AResetComesThroughWhileTheOtherSideDoesNotRead()
    {
        await using var host = new RelayTestHost(transport: options => options.SendBufferSize = 64 << 10, serverReceiveBuffer: 4096);
        RelayedPair pair = await host.ConnectAsync();
        await RelayStall.StallAsync(pair);
        pair.Client.Close(0);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.ConnectionReset, report.Cause);
        Assert.True(report.AbortedBytes > 0);
        await PeerStream.ExpectResetAsync(pair.Server);
        Assert.Equal(1, host.Factory.Statistics.PipesNotEmpty);
    }
}
