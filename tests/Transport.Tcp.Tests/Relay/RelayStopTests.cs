using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Relay;
using Nvmf.Transport.Tcp.Relay.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>Ends that this process begins: what was read is delivered in time, or both sides are reset.</summary>
public class RelayStopTests
{
    /// <summary>The client's side is over, and its connection closed, long before the server has read what the relay holds for it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClosingDeliversWhatWasReadThenSaysFinToBoth(bool clientsSideEndsFirst)
    {
        await using var host = new RelayTestHost(
            configure: options => options.DrainDeadlines = new DrainDeadlines(Within.Limit, Within.Limit, Within.Limit),
            transport: options =>
            {
                options.SendBufferSize = 64 << 10;
                options.DrainDeadlines = new DrainDeadlines(Within.Limit, Within.Limit, Within.Limit);
                options.PeerCloseTimeout = clientsSideEndsFirst ? TimeSpan.Zero : Within.Limit;
            },
            serverReceiveBuffer: 4096);
        RelayedPair pair = await host.ConnectAsync();
        await RelayStall.StallAsync(pair);
        long held = ((LoopRelay)pair.Relay).BytesHeld;
        pair.Relay.Close(TeardownCause.ListenerRemoved);
        if (clientsSideEndsFirst)
        {
            await Within.Until(() => pair.Relay.Lifecycle.References.Registrations < 2, "the client's connection closed");
        }

        byte[] buffer = new byte[100_000];
        long position = 0;
        int received;
        while ((received = await pair.Server.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Within.Limit)) > 0)
        {
            PeerStream.Check(buffer.AsSpan(0, received), position);
            position += received;
        }

        pair.Server.Shutdown(SocketShutdown.Send);
        if (!clientsSideEndsFirst)
        {
            await PeerStream.ExpectFinAsync(pair.Client);
            pair.Client.Shutdown(SocketShutdown.Send);
        }

        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.ListenerRemoved, report.Cause);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
        Assert.Equal(position, pair.Relay.BytesUpstream);
        Assert.True(report.DrainedBytes >= held, $"{report.DrainedBytes} drained, {held} were held.");
    }

    [Fact]
    public async Task LoopsThatEndFirstResetBothSides()
    {
        await using var host = new RelayTestHost();
        RelayedPair pair = await host.ConnectAsync();
        await RelayStall.StallAsync(pair);
        host.Transport.Loops.Dispose();
        DrainReport report = await pair.Completion;
        Assert.Equal((TeardownCause.InternalError, QueuePairState.Aborting), (report.Cause, report.LastStage));
        var error = await Assert.ThrowsAsync<SocketException>(() => pair.Client.ReceiveAsync(new byte[1]).WaitAsync(Within.Limit));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
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
        await RelayStall.StallAsync(pair);
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
                await RelayStall.StallAsync(pair);
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
}
