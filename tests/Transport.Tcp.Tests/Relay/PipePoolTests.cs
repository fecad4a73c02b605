using Nvmf.Transport.Tcp.Relay;
using Nvmf.Transport.Tcp.Relay.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;
using Xunit.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.Relay;

/// <summary>Failure F3 in user space: a pipe that is used again with somebody's bytes in it.</summary>
public class PipePoolTests(ITestOutputHelper output)
{
    [Fact]
    public async Task PipesUnderChurnNeverMixStreams()
    {
        await using var host = MakeHost(pool: null);
        int corrupt = await ChurnAsync(host);
        RelayStatistics statistics = host.Factory.Statistics;
        output.WriteLine($"{statistics}");
        Assert.Equal(0, corrupt);
        Assert.True(statistics.PipesNotEmpty > 0, "No relay ended with bytes in its pipe: the test shows nothing.");
        Assert.True(statistics.PipesPooled > 0);
    }

    /// <summary>The negative control: a pool that keeps every pipe.</summary>
    [Fact]
    public async Task APoolThatKeepsPipesWithBytesInThemIsCaught()
    {
        await using var host = MakeHost((options, counters) => new CarelessPool(options, counters));
        int corrupt = await ChurnAsync(host);
        output.WriteLine($"{corrupt} corrupt streams");
        Assert.True(corrupt > 0);
    }

    private static RelayTestHost MakeHost(Func<RelayOptions, RelayCounters, SplicePipePool>? pool) => new(
        configure: options => options.PipeSize = 256 << 10,
        transport: options => options.SendBufferSize = 32 << 10,
        pool: pool,
        serverReceiveBuffer: 4096);

    /// <summary>Relays that are reset with bytes in their pipes, and in between some whose contents are checked.</summary>
    /// <returns>Number of streams that had a foreign byte.</returns>
    private static async Task<int> ChurnAsync(RelayTestHost host)
    {
        int corrupt = 0;
        for (int round = 0; round < 8; round++)
        {
            RelayedPair[] doomed = [await host.ConnectAsync(), await host.ConnectAsync()];
            foreach (RelayedPair pair in doomed)
            {
                await HoldAsync(pair);
            }

            doomed[0].Client.Close(0);
            doomed[1].Server.Close(0);
            foreach (RelayedPair pair in doomed)
            {
                await pair.Completion;
            }

            RelayedPair[] checkedPairs = [await host.ConnectAsync(), await host.ConnectAsync()];
            for (int i = 0; i < checkedPairs.Length; i++)
            {
                corrupt += await IsCorruptAsync(checkedPairs[i], phase: (round * 2 + i + 1) * 7919L) ? 1 : 0;
            }
        }

        return corrupt;
    }

    /// <summary>Sends, in small steps, until some bytes wait in the pipe: not so many that it is full, for then the next user of a dirty pipe would hang.</summary>
    private static async Task HoldAsync(RelayedPair pair)
    {
        byte[] step = new byte[4096];
        var relay = (LoopRelay)pair.Relay;
        long sent = 0;
        while (relay.BytesHeld < 20_000)
        {
            sent += await pair.Client.SendAsync(step.AsMemory()).AsTask().WaitAsync(Within.Limit);
            await Within.Until(() => relay.BytesUpstream + relay.BytesHeld == sent, "the relay has what was sent");
        }
    }

    private static async Task<bool> IsCorruptAsync(RelayedPair pair, long phase)
    {
        const int Length = 300_000;
        byte[] expected = new byte[Length];
        PeerStream.Fill(expected, phase);
        Task sending = PeerStreams.SendAsync(pair.Client, Length, 30_000, seed: 1, phase);
        byte[] received = new byte[Length];
        for (int n = 0; n < Length;)
        {
            n += await pair.Server.ReceiveAsync(received.AsMemory(n)).AsTask().WaitAsync(Within.Limit);
        }

        await sending;
        pair.Client.Close(0);
        pair.Server.Close(0);
        await pair.Completion;
        return !received.AsSpan().SequenceEqual(expected);
    }

    private sealed class CarelessPool(RelayOptions options, RelayCounters counters) : SplicePipePool(options, counters)
    {
        protected override bool IsProvablyEmpty(SplicePipe pipe) => true;
    }
}
