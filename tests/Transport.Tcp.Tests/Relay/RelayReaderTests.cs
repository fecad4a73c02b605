using System.Diagnostics;
using System.Net.Sockets;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Relay.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>Peers that do nothing, that do not read, that read slowly.</summary>
public class RelayReaderTests
{
    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Pipelines)]
    public async Task ARelayThatMovesNothingIsReset(RelayWay way)
    {
        var timeout = TimeSpan.FromMilliseconds(300);
        await using var host = new RelayTestHost(way, options => options.IdleTimeout = timeout);
        RelayedPair pair = await host.ConnectAsync();
        while (!await EachByteMovesTheTimeoutAwayAsync(pair, timeout))
        {
            pair = await host.ConnectAsync();
        }

        await PeerStream.ExpectResetAsync(pair.Client);
        await PeerStream.ExpectResetAsync(pair.Server);
        DrainReport report = await pair.Completion;
        Assert.Equal(TeardownCause.TimedOut, report.Cause);
        Assert.IsType<TimeoutException>(report.Error);
    }

    /// <summary>Keeps the relay alive for two time-outs.</summary>
    /// <returns>False when the machine paused for so long between two bytes that the relay's end says nothing.</returns>
    private static async Task<bool> EachByteMovesTheTimeoutAwayAsync(RelayedPair pair, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan last = TimeSpan.Zero;
        try
        {
            while (clock.Elapsed < 2 * timeout)
            {
                await PeerStream.SendAsync(pair.Client, 1, 1, seed: 1);
                await PeerStream.ReceiveAsync(pair.Server, 1, 1, seed: 1);
                last = clock.Elapsed;
                await Task.Delay(10);
            }

            return true;
        }
        catch (SocketException) when (clock.Elapsed - last > timeout / 2)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(RelayWay.Splice)]
    [InlineData(RelayWay.Copy)]
    public async Task AStalledReaderStopsItsOwnRelayOnly(RelayWay way)
    {
        await using var host = new RelayTestHost(way, transport: options => options.SendBufferSize = 64 << 10, serverReceiveBuffer: 4096);
        RelayedPair stalled = await host.ConnectAsync();
        long sent = await RelayStall.StallAsync(stalled);
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
}
