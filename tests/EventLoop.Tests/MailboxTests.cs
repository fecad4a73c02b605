namespace Nvmf.EventLoop.Tests;

public class MailboxTests
{
    [Fact]
    public async Task ItemsOfOneThreadRunInOrderOnTheLoop()
    {
        using var fixture = new LoopFixture();
        var order = new List<int>();
        bool onLoop = true;
        for (int i = 0; i < 5000; i++)
        {
            int number = i;
            fixture.Loop.Post(new LoopFixture.Item(() =>
            {
                order.Add(number);
                onLoop &= fixture.Loop.IsCurrent;
            }));
        }

        await fixture.RunAsync(() => { });
        Assert.Equal(Enumerable.Range(0, 5000), order);
        Assert.True(onLoop);
        Assert.False(fixture.Loop.IsCurrent);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task NoItemOfManyThreadsIsLostOrLeftBehind(int spinMicroseconds)
    {
        using var fixture = new LoopFixture(new EventLoopOptions { SpinDuration = TimeSpan.FromMicroseconds(spinMicroseconds) });
        int count = 0;
        const int Threads = 4;
        const int PerThread = 3000;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            for (int i = 0; i < PerThread; i++)
            {
                // Waiting for each one catches a wake-up that is lost: nothing else would come along and cure it.
                var item = new LoopFixture.Item(() => count++);
                fixture.Loop.Post(item);
                if (random.Next(4) == 0)
                {
                    await item.Task.WaitAsync(LoopFixture.Limit);
                }
            }
        })));
        await fixture.RunAsync(() => { });
        Assert.Equal(Threads * PerThread, count);
    }

    [Fact]
    public async Task AnItemThatPostsItselfLetsOthersRun()
    {
        using var fixture = new LoopFixture();
        var again = new Again(fixture.Loop);
        fixture.Loop.Post(again);
        await fixture.RunAsync(() => { });
        again.Stop = true;
        await fixture.RunAsync(() => { });
        Assert.True(again.Runs > 0);
    }

    [Fact]
    public async Task PostingAllocatesNothing()
    {
        using var fixture = new LoopFixture();
        var item = new Counter();
        for (int i = 0; i < 2000; i++)
        {
            fixture.Loop.Post(item);
        }

        await fixture.RunAsync(() => { });
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
        {
            fixture.Loop.Post(item);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task AnItemThatThrowsIsLoggedAndTold()
    {
        using var fixture = new LoopFixture();
        var item = new Throwing();
        fixture.Loop.Post(item);
        await fixture.RunAsync(() => { });
        Assert.IsType<FormatException>(item.Failure);
        Assert.Contains(fixture.Logged, exception => exception is FormatException);
        Assert.Equal(1, fixture.Loop.Statistics.Failures);
    }

    [Fact]
    public async Task AnIdleLoopSleeps()
    {
        using var fixture = new LoopFixture(new EventLoopOptions { SpinDuration = TimeSpan.FromMilliseconds(1) });
        await fixture.RunAsync(() => { });

        // Asleep, it makes no iteration at all; one that goes on polling makes some in every look.
        long before = -1;
        await LoopFixture.Until(() =>
        {
            long last = before;
            before = fixture.Loop.Statistics.Iterations;
            Thread.Sleep(100);
            return before == last;
        });
    }

    [Fact]
    public async Task ALoopCanBeStoppedFromWithin()
    {
        var fixture = new LoopFixture();
        await fixture.RunAsync(fixture.Loop.Dispose);
        fixture.Dispose();
    }

    private sealed class Counter : IThreadPoolWorkItem
    {
        public void Execute()
        {
        }
    }

    private sealed class Again(EventLoopThread loop) : IThreadPoolWorkItem
    {
        public volatile bool Stop;

        public int Runs { get; private set; }

        public void Execute()
        {
            Runs++;
            if (!Stop)
            {
                loop.Post(this);
            }
        }
    }

    private sealed class Throwing : IThreadPoolWorkItem, IFailureHandler
    {
        public Exception? Failure { get; private set; }

        public void Execute() => throw new FormatException("Broken on purpose.");

        public void OnFailure(Exception exception) => Failure = exception;
    }
}
