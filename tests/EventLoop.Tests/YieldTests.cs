using System.Diagnostics;
using System.Globalization;

namespace Nvmf.EventLoop.Tests;

/// <summary>What the kernel says of a loop's thread while it sleeps, and of threads that are started on it.</summary>
public class YieldTests
{
    private const int SchedOther = 0;
    private const int SchedBatch = 3;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ABusyLoopThatMaySleepsBehindOthers(bool yields)
    {
        using var loop = new LoopFixture(new EventLoopOptions { Name = "yield-test", YieldWhenBusy = yields });
        string thread = await ThreadOfAsync(loop);
        await KeepBusyAsync(loop);
        await LoopFixture.Until(() => SleepsAs(thread) == (yields ? SchedBatch : SchedOther));

        // One item in a while is no work. A burst would take far more than what comes after the loop's last look.
        await LoopFixture.Until(() =>
        {
            loop.RunAsync(static () => { }).Wait(LoopFixture.Limit);
            return SleepsAs(thread) == SchedOther;
        });
    }

    [Fact]
    public async Task AThreadThatIsStartedOnABusyLoopIsNoneOfItsKind()
    {
        using var loop = new LoopFixture(new EventLoopOptions { Name = "yield-start", YieldWhenBusy = true });
        string thread = await ThreadOfAsync(loop);
        await KeepBusyAsync(loop);
        await LoopFixture.Until(() => SleepsAs(thread) == SchedBatch);
        int policy = -1;
        await loop.RunAsync(() =>
        {
            var thread = new Thread(() => policy = PolicyOf(File.ReadAllText("/proc/thread-self/stat")));
            thread.Start();
            thread.Join();
        });
        Assert.Equal(SchedOther, policy);
    }

    /// <summary>Posts more than the loop may be given for a window of its policy.</summary>
    private static async Task KeepBusyAsync(LoopFixture loop)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(100))
        {
            for (int i = 0; i < 10_000; i++)
            {
                loop.Loop.Post(Nothing.Instance);
            }

            await loop.RunAsync(static () => { });
        }
    }

    /// <returns>The policy of the loop's thread, or -1 when it does not sleep.</returns>
    private static int SleepsAs(string thread)
    {
        string stat = File.ReadAllText($"/proc/self/task/{thread}/stat");
        return stat[stat.LastIndexOf(')') + 2] == 'S' ? PolicyOf(stat) : -1;
    }

    private static async Task<string> ThreadOfAsync(LoopFixture loop)
    {
        string stat = "";
        await loop.RunAsync(() => stat = File.ReadAllText("/proc/thread-self/stat"));
        return stat[..stat.IndexOf(' ', StringComparison.Ordinal)];
    }

    // proc(5): the 41st field; the first after the name is the third.
    private static int PolicyOf(string stat) =>
        int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[41 - 3], CultureInfo.InvariantCulture);

    private sealed class Nothing : IThreadPoolWorkItem
    {
        public static readonly Nothing Instance = new();

        public void Execute()
        {
        }
    }
}
