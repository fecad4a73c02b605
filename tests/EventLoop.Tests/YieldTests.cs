using System.Diagnostics;
using System.Globalization;

namespace Nvmf.EventLoop.Tests;

/// <summary>What the kernel says of a loop's thread while it sleeps, and of threads that are started on it.</summary>
public class YieldTests
{
    private const int SchedOther = 0;
    private const int SchedBatch = 3;

    [Fact]
    public async Task ABusyLoopSleepsBehindOthersUntilItIsQuiet()
    {
        using var loop = new LoopFixture(new EventLoopOptions { Name = "yield-test", YieldWhenBusy = true });
        string thread = await ThreadOfAsync(loop.Loop);
        await LoopFixture.Until(() => PolicyAfterMuch(loop.Loop, thread) == SchedBatch);
        await LoopFixture.Until(() =>
        {
            loop.RunAsync(static () => { }).Wait(LoopFixture.Limit);
            return SleepsAs(thread) == SchedOther;
        });
    }

    [Fact]
    public async Task TheLoopsOfAGroupDoAsItsOptionsSay()
    {
        using var group = new EventLoopGroup(new EventLoopGroupOptions { Count = 1, Name = "yield-group", YieldWhenBusy = true });
        EventLoopThread loop = group.Next();
        string thread = await ThreadOfAsync(loop);
        await LoopFixture.Until(() => PolicyAfterMuch(loop, thread) == SchedBatch);
    }

    [Fact]
    public async Task OneThatMayNotDoesNot()
    {
        using var loop = new LoopFixture(new EventLoopOptions { Name = "yield-not" });
        string thread = await ThreadOfAsync(loop.Loop);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(SchedOther, PolicyAfterMuch(loop.Loop, thread));
        }
    }

    [Fact]
    public async Task AThreadThatIsStartedOnABusyLoopIsNoneOfItsKind()
    {
        using var loop = new LoopFixture(new EventLoopOptions { Name = "yield-start", YieldWhenBusy = true });
        string loopThread = await ThreadOfAsync(loop.Loop);
        await LoopFixture.Until(() => PolicyAfterMuch(loop.Loop, loopThread) == SchedBatch);
        int policy = -1;
        await loop.RunAsync(() =>
        {
            var thread = new Thread(() => policy = PolicyOf(File.ReadAllText("/proc/thread-self/stat")));
            thread.Start();
            thread.Join();
        });
        Assert.Equal(SchedOther, policy);
    }

    /// <summary>Posts as fast as it goes for several windows of the loop's policy, then says as what the loop sleeps.</summary>
    private static int PolicyAfterMuch(EventLoopThread loop, string thread)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(100))
        {
            loop.Post(Nothing.Instance);
        }

        int policy = -1;
        Assert.True(SpinWait.SpinUntil(() => (policy = SleepsAs(thread)) >= 0, LoopFixture.Limit));
        return policy;
    }

    /// <returns>The policy of the loop's thread, or -1 when it does not sleep.</returns>
    private static int SleepsAs(string thread)
    {
        string stat = File.ReadAllText($"/proc/self/task/{thread}/stat");
        return stat[stat.LastIndexOf(')') + 2] == 'S' ? PolicyOf(stat) : -1;
    }

    private static async Task<string> ThreadOfAsync(EventLoopThread loop)
    {
        string stat = "";
        var item = new LoopFixture.Item(() => stat = File.ReadAllText("/proc/thread-self/stat"));
        loop.Post(item);
        await item.Task.WaitAsync(LoopFixture.Limit);
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
