using FsCheck;
using FsCheck.Fluent;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Xunit.Abstractions;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>Long schedules of everything that can happen.</summary>
public class RandomTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_schedule_ends_with_everything_given_back(bool shared)
    {
        await using TargetBench bench = await ExhaustiveTests.StartAsync(shared);
        var runner = new ScheduleRunner(bench);
        Gen<Step[]> schedules = Gen.Elements(Enum.GetValues<Step>()).ArrayOf(24);
        await Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(150),
            Prop.ForAll(schedules.ToArbitrary(), steps =>
            {
                runner.PlayAsync([], steps).GetAwaiter().GetResult();
                return true;
            })));
        output.WriteLine($"{bench.Counters.LastWorkRequestEvents} last WQE events, {bench.Counters.LateEvents} late events, {bench.Counters.LateCompletions} late completions");
    }
}
