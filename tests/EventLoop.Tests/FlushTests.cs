namespace Nvmf.EventLoop.Tests;

public class FlushTests
{
    [Fact]
    public async Task AFlushFollowsTheWholeBatch()
    {
        using var fixture = new LoopFixture();
        var log = new List<string>();
        using var gate = new ManualResetEventSlim();
        var flushable = new Flushable(() => log.Add("flush"));
        fixture.Loop.Post(new LoopFixture.Item(() => gate.Wait(LoopFixture.Limit)));
        fixture.Loop.Post(new LoopFixture.Item(() =>
        {
            log.Add("first");
            fixture.Loop.RequestFlush(flushable);
        }));
        fixture.Loop.Post(new LoopFixture.Item(() => log.Add("second")));
        gate.Set();
        await LoopFixture.Until(() => log.Count >= 3);
        await fixture.RunAsync(() => { });
        Assert.Equal(["first", "second", "flush"], log);
    }

    [Fact]
    public async Task AFlushMayAskForAnother()
    {
        using var fixture = new LoopFixture();
        int count = 0;
        Flushable flushable = null!;
        flushable = new Flushable(() =>
        {
            if (++count < 3)
            {
                fixture.Loop.RequestFlush(flushable);
            }
        });
        await fixture.RunAsync(() => fixture.Loop.RequestFlush(flushable));
        await fixture.RunAsync(() => { });
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task AFlushThatThrowsIsTold()
    {
        using var fixture = new LoopFixture();
        var broken = new Flushable(() => throw new FormatException("Broken on purpose."));
        bool healthy = false;
        await fixture.RunAsync(() =>
        {
            fixture.Loop.RequestFlush(broken);
            fixture.Loop.RequestFlush(new Flushable(() => healthy = true));
        });
        await fixture.RunAsync(() => { });
        Assert.IsType<FormatException>(broken.Failure);
        Assert.True(healthy);
    }

    private sealed class Flushable(Action action) : IFlushable
    {
        public Exception? Failure { get; private set; }

        public void FlushBatch() => action();

        public void OnFailure(Exception exception) => Failure = exception;
    }
}
