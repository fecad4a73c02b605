namespace Nvmf.EventLoop.Tests;

public class PostedWorkTests
{
    [Flags]
    public enum Step
    {
        First = 1,
        Second = 2,
        Third = 4,
        Last = 1 << 30,
    }

    [Fact]
    public async Task StepsRunOnTheLoopInTheOrderOfTheirBitsEachOnce()
    {
        using var fixture = new LoopFixture();
        using var busy = new ManualResetEventSlim();
        var owner = new Owner(fixture.Loop);
        fixture.Loop.Post(new LoopFixture.Item(() => busy.Wait(LoopFixture.Limit)));
        foreach (Step step in new[] { Step.Last, Step.Third, Step.First, Step.Third, Step.Second })
        {
            owner.Work.Ask(step);
        }

        busy.Set();
        await fixture.RunAsync(() => { });
        Assert.Equal([Step.First, Step.Second, Step.Third, Step.Last], owner.Steps);
    }

    [Fact]
    public async Task AStepThatThrowsKeepsNoLaterOneFromRunning()
    {
        using var fixture = new LoopFixture();
        using var busy = new ManualResetEventSlim();
        var owner = new Owner(fixture.Loop) { Broken = Step.Second };
        fixture.Loop.Post(new LoopFixture.Item(() => busy.Wait(LoopFixture.Limit)));
        owner.Work.Ask(Step.Second);
        owner.Work.Ask(Step.Third);
        busy.Set();
        await fixture.RunAsync(() => { });
        Assert.Equal([Step.Second, Step.Third], owner.Steps);
        Assert.IsType<FormatException>(owner.Failure);
    }

    [Fact]
    public async Task AStepAskedForWithinAStepRunsAfterIt()
    {
        using var fixture = new LoopFixture();
        var owner = new Owner(fixture.Loop) { AsksAgainIn = Step.Second };
        owner.Work.Ask(Step.Second);
        await fixture.RunAsync(() => { });
        await fixture.RunAsync(() => { });
        Assert.Equal([Step.Second, Step.First], owner.Steps);
    }

    private sealed class Owner : IPostedWorkOwner<Step>
    {
        private readonly EventLoopThread _loop;

        public Owner(EventLoopThread loop)
        {
            _loop = loop;
            Work = new PostedWork<Step>(loop, this);
        }

        public PostedWork<Step> Work { get; }

        public Step Broken { get; init; }

        public Step AsksAgainIn { get; init; }

        public List<Step> Steps { get; } = [];

        public Exception? Failure { get; private set; }

        public void Carry(Step work)
        {
            Assert.True(_loop.IsCurrent);
            Steps.Add(work);
            if (work == Broken)
            {
                throw new FormatException("Broken on purpose.");
            }

            if (work == AsksAgainIn)
            {
                Work.Ask(Step.First);
            }
        }

        public void OnWorkFailed(Exception exception) => Failure = exception;
    }
}
