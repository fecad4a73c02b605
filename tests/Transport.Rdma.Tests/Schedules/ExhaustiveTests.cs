using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Xunit.Abstractions;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>All orders of what ends a queue pair, with a command, a read and a response under way whose completions are withheld.</summary>
public class ExhaustiveTests(ITestOutputHelper output)
{
    private static readonly Step[] UnderWay = [Step.Command, Step.HoldCompletions, Step.Write, Step.Read];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_order_of_the_end(bool shared)
    {
        await using TargetBench bench = await StartAsync(shared);
        var runner = new ScheduleRunner(bench);
        Step[] steps = [Step.PeerDisconnects, Step.Close, Step.LastWorkRequest, Step.Completions, Step.Destroyer, Step.Abort];
        int count = 0;
        foreach (Step[] order in Permutations(steps))
        {
            try
            {
                await runner.PlayAsync(UnderWay, order);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"In the order {string.Join(", ", order)}: {exception.Message}", exception);
            }

            count++;
        }

        output.WriteLine($"{count} orders; {bench.Counters.LastWorkRequestEvents} last WQE events, {bench.Counters.LateEvents} late events, {bench.Counters.LateCompletions} late completions");
        Assert.Equal(720, count);
        Assert.True(bench.Counters.LastWorkRequestEvents > 0);
        Assert.True(bench.Counters.LateEvents > 0);
        Assert.Equal(0, bench.Counters.LastWorkRequestTimeouts);
    }

    /// <summary>
    /// Failure F2 in the drain itself: whatever completes it, the queue pair is destroyed before the handler that asked for it goes on, and must not be touched there.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_order_of_the_end_with_a_destroyer_in_haste(bool shared)
    {
        await using TargetBench bench = await StartAsync(shared);
        bench.Destroyer.InHaste = true;
        var runner = new ScheduleRunner(bench);
        Step[] steps = [Step.PeerDisconnects, Step.Close, Step.LastWorkRequest, Step.Completions, Step.Abort];
        foreach (Step[] order in Permutations(steps))
        {
            try
            {
                await runner.PlayAsync(UnderWay, order);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"In the order {string.Join(", ", order)}: {exception.Message}", exception);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_order_of_events_of_the_connection_manager(bool shared)
    {
        await using TargetBench bench = await StartAsync(shared);
        var runner = new ScheduleRunner(bench);
        Step[] steps = [Step.PeerDisconnects, Step.NewestCmEvent, Step.CmEvent, Step.RepeatedCmEvents, Step.DeviceRemoval];
        foreach (Step[] order in Permutations(steps))
        {
            DrainReport report = await runner.PlayAsync([Step.Write, Step.HoldCmEvents], order);
            Assert.True(report.Cause is TeardownCause.HostClosed or TeardownCause.DeviceRemoved or TeardownCause.ConnectionReset, $"{report.Cause}");
        }
    }

    internal static Task<TargetBench> StartAsync(bool shared) => TargetBench.StartAsync(options =>
    {
        options.UseSharedReceiveQueue = shared;
        options.FlushTimeout = TimeSpan.FromSeconds(30);
        options.LastWorkRequestTimeout = TimeSpan.FromSeconds(30);
    });

    private static IEnumerable<Step[]> Permutations(Step[] steps)
    {
        if (steps.Length == 0)
        {
            yield return [];
            yield break;
        }

        for (int i = 0; i < steps.Length; i++)
        {
            foreach (Step[] rest in Permutations([.. steps[..i], .. steps[(i + 1)..]]))
            {
                yield return [steps[i], .. rest];
            }
        }
    }
}
