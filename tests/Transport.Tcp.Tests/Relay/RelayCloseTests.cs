using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Relay;
using Nvmf.Transport.Tcp.Relay.Internal;
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
        await StallAsync(pair);
        pair.Client.Close(0);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.ConnectionReset, report.Cause);
        Assert.True(report.AbortedBytes > 0);
        await PeerStream.ExpectResetAsync(pair.Server);
        Assert.Equal(1, host.Factory.Statistics.PipesNotEmpty);
    }

    [Fact]
    public async Task ClosingDeliversWhatWasReadThenSaysFinToBoth()
    {
        await using var host = new RelayTestHost(
            configure: options => options.DrainDeadlines = new DrainDeadlines(Within.Limit, Within.Limit, Within.Limit),
            transport: options =>
            {
                options.SendBufferSize = 64 << 10;
                options.DrainDeadlines = new DrainDeadlines(Within.Limit, Within.Limit, Within.Limit);
            },
            serverReceiveBuffer: 4096);
        RelayedPair pair = await host.ConnectAsync();
        await StallAsync(pair);
        long held = ((LoopRelay)pair.Relay).BytesHeld;
        pair.Relay.Close(TeardownCause.ListenerRemoved);
        byte[] buffer = new byte[100_000];
        long position = 0;
        int received;
        while ((received = await pair.Server.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit)) > 0)
        {
            PeerStream.Check(buffer.AsSpan(0, received), position);
            position += received;
        }

        pair.Server.Shutdown(SocketShutdown.Send);
        await PeerStream.ExpectFinAsync(pair.Client);
        pair.Client.Shutdown(SocketShutdown.Send);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.ListenerRemoved, report.Cause);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
        Assert.Equal(position, pair.Relay.BytesUpstream);
        Assert.True(report.DrainedBytes >= held, $"{report.DrainedBytes} drained, {held} were held.");
    }

    /// <summary>A FIN would make the truncated stream look whole.</summary>
    [Fact]
    public async Task WhatCannotBeDeliveredInTimeEndsInAReset()
    {
        TimeSpan short_ = TimeSpan.FromMilliseconds(100);
        await using var host = new RelayTestHost(
            configure: options => options.DrainDeadlines = new DrainDeadlines(short_, short_, Within.Limit),
            transport: options => options.SendBufferSize = 64 << 10,
            serverReceiveBuffer: 4096);
        RelayedPair pair = await host.ConnectAsync();
        await StallAsync(pair);
        pair.Relay.Close(TeardownCause.ListenerRemoved);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.ListenerRemoved, report.Cause);
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        Assert.True(report.AbortedBytes > 0);
        await PeerStream.ExpectResetAsync(pair.Server);

        // The other way everything was delivered.
        await PeerStream.ExpectFinAsync(pair.Client);
    }

    /// <summary>Somebody aborts one connection, under the relay's hands: its descriptor may be closed and be another connection's a moment later.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnAbortOfOneConnectionResetsTheOther(bool stalled)
    {
        await using var host = new RelayTestHost(transport: options => options.SendBufferSize = 64 << 10, serverReceiveBuffer: 4096);
        for (int i = 0; i < 5; i++)
        {
            (Socket client, ConnectionContext downstream) = await host.AcceptAsync();
            SpliceRelay? relay = await host.Factory.ForwardAsync(downstream, host.Upstreams).WaitAsync(Within.Limit);
            var pair = new RelayedPair(client, await host.AcceptServerAsync(), relay!);
            if (stalled)
            {
                await StallAsync(pair);
            }

            downstream.Abort();
            await PeerStream.ExpectResetAsync(pair.Server);
            await PeerStream.ExpectResetAsync(pair.Client);
            Assert.Equal(QueuePairState.Aborting, (await pair.Completion).LastStage);
            await downstream.DisposeAsync();
        }
    }

    /// <summary>Only the transport ends: its connections tell the relay.</summary>
    [Fact]
    public async Task TheEndOfTheTransportEndsTheRelay()
    {
        await using var host = new RelayTestHost();
        RelayedPair pair = await host.ConnectAsync();
        Task stopping = host.Transport.Factory.DisposeAsync().AsTask();
        await PeerStream.ExpectFinAsync(pair.Client);
        await PeerStream.ExpectFinAsync(pair.Server);
        Assert.Equal(TeardownCause.ProcessStop, (await pair.Completion).Cause);
        await stopping.WaitAsync(Within.Limit);
    }

    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Pipelines)]
    public async Task ARelayThatMovesNothingIsReset(RelayWay way)
    {
        await using var host = new RelayTestHost(way, options => options.IdleTimeout = TimeSpan.FromMilliseconds(300));
        RelayedPair pair = await host.ConnectAsync();

        // Each byte moves the time-out away.
        for (int i = 0; i < 10; i++)
        {
            await PeerStream.SendAsync(pair.Client, 1, 1, seed: 1);
            await PeerStream.ReceiveAsync(pair.Server, 1, 1, seed: 1);
            await Task.Delay(10);
        }

        await PeerStream.ExpectResetAsync(pair.Client);
        await PeerStream.ExpectResetAsync(pair.Server);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.TimedOut, report.Cause);
        Assert.IsType<TimeoutException>(report.Error);
    }

    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Copy)]
    public async Task AStalledReaderStopsItsOwnRelayOnly(RelayWay way)
    {
        await using var host = new RelayTestHost(way, transport: options => options.SendBufferSize = 64 << 10, serverReceiveBuffer: 4096);
        RelayedPair stalled = await host.ConnectAsync();
        long sent = await StallAsync(stalled);
        Assert.InRange(((LoopRelay)stalled.Relay).BytesHeld, 1, host.Options.PipeSize);
        for (int i = 0; i < 4; i++)
        {
            RelayedPair pair = await host.ConnectAsync();
            Task sending = PeerStream.SendAsync(pair.Server, 1 << 20, 50_000, seed: 2);
            await PeerStream.ReceiveAsync(pair.Client, 1 << 20, 50_000, seed: 3);
            await sending;
            await pair.CloseAsync();
        }

        await PeerStream.ReceiveAsync(stalled.Server, sent, 100_000, seed: 4);
        await stalled.CloseAsync();
    }

    [Fact]
    public async Task ASlowReaderGetsEverything()
    {
        const int Length = 3 << 20;
        await using var host = new RelayTestHost(configure: options => options.PipeSize = 64 << 10, transport: options => options.SendBufferSize = 16 << 10);
        RelayedPair pair = await host.ConnectAsync(receiveBuffer: 4096);
        Task sending = PeerStream.SendAsync(pair.Server, Length, 100_000, seed: 1);
        await PeerStream.ReceiveAsync(pair.Client, Length, 3001, seed: 2);
        await sending;
        await pair.CloseAsync();
    }

    /// <summary>Sends until nothing goes any more and bytes are in the relay's hands.</summary>
    /// <returns>Bytes sent.</returns>
    internal static async Task<long> StallAsync(RelayedPair pair)
    {
        byte[] buffer = new byte[64 << 10];
        long sent = 0;
        pair.Client.Blocking = false;
        int quiet = 0;
        while (quiet < 5)
        {
            PeerStream.Fill(buffer, sent);
            int n = pair.Client.Send(buffer, 0, buffer.Length, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                throw new SocketException((int)error);
            }

            sent += error == SocketError.Success ? n : 0;
            quiet = error == SocketError.Success ? 0 : quiet + 1;
            if (quiet > 0)
            {
                await Task.Delay(20);
            }
        }

        pair.Client.Blocking = true;
        await Within.Until(() => ((LoopRelay)pair.Relay).BytesHeld > 0, "bytes in the relay's hands");
        return sent;
    }
}
