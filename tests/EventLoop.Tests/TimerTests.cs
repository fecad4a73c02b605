using System.Diagnostics;
using Nvmf.EventLoop.Internal;

namespace Nvmf.EventLoop.Tests;

public class TimerTests
{
    [Fact]
    public async Task FiresOnTheLoopAndNotEarly()
    {
        using var fixture = new LoopFixture();
        Timer timer = null!;
        long start = Stopwatch.GetTimestamp();
        await fixture.RunAsync(() =>
        {
            timer = new Timer(fixture.Loop);
            timer.Start(TimeSpan.FromMilliseconds(30));
        });
        await LoopFixture.Until(() => timer.Fired == 1);
        Assert.True(timer.FiredAt - start >= Stopwatch.Frequency * 30 / 1000 - Stopwatch.Frequency / 1000);
        Assert.False(timer.IsArmed);
    }

    [Fact]
    public async Task ATimerMovedAwayOrStoppedDoesNotFire()
    {
        using var fixture = new LoopFixture();
        Timer moved = null!;
        Timer stopped = null!;
        Timer witness = null!;
        await fixture.RunAsync(() =>
        {
            moved = new Timer(fixture.Loop);
            stopped = new Timer(fixture.Loop);
            witness = new Timer(fixture.Loop);
            moved.Start(TimeSpan.FromMilliseconds(5));
            stopped.Start(TimeSpan.FromMilliseconds(5));
            witness.Start(TimeSpan.FromMilliseconds(20));
            moved.Start(TimeSpan.FromHours(1));
            stopped.Stop();
        });
        await LoopFixture.Until(() => witness.Fired == 1);
        Assert.Equal((0, 0), (moved.Fired, stopped.Fired));
        await fixture.RunAsync(() => moved.Start(TimeSpan.Zero));
        await LoopFixture.Until(() => moved.Fired == 1);
    }

    [Fact]
    public async Task ATimerThatThrowsIsTold()
    {
        using var fixture = new LoopFixture();
        Timer timer = null!;
        await fixture.RunAsync(() =>
        {
            timer = new Timer(fixture.Loop) { Throws = true };
            timer.Start(TimeSpan.Zero);
        });
        await LoopFixture.Until(() => timer.Failure is not null);
        Assert.IsType<FormatException>(timer.Failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task TheHeapBehavesLikeASortedList(int seed)
    {
        using var fixture = new LoopFixture();
        var random = new Random(seed);
        var heap = new TimerHeap();
        var timers = Enumerable.Range(0, 60).Select(_ => new Timer(fixture.Loop)).ToArray();
        var model = new Dictionary<Timer, long>();
        long now = 0;
        for (int step = 0; step < 20_000; step++)
        {
            Timer timer = timers[random.Next(timers.Length)];
            switch (random.Next(4))
            {
                case 0 or 1:
                    long due = now + random.Next(1, 1000);
                    heap.Schedule(timer, due);
                    model[timer] = due;
                    break;
                case 2:
                    heap.Remove(timer);
                    model.Remove(timer);
                    break;
                default:
                    now += random.Next(50);
                    var fired = new List<Timer>();
                    while (heap.TakeDue(now) is Timer due1)
                    {
                        fired.Add(due1);
                    }

                    Assert.Equal(model.Where(pair => pair.Value <= now).Select(pair => pair.Key).ToHashSet(), [.. fired]);
                    foreach (Timer gone in fired)
                    {
                        model.Remove(gone);
                    }

                    break;
            }

            Assert.Equal(model.Count, heap.Count);
            Assert.True(heap.NextKey <= model.Values.DefaultIfEmpty(long.MaxValue).Min());
            Assert.Equal(model.ContainsKey(timer), timer.IsArmed);
        }

        await fixture.RunAsync(() => { });
    }

    private sealed class Timer(EventLoopThread loop) : LoopTimer(loop)
    {
        private int _fired;

        public bool Throws { get; init; }

        public int Fired => Volatile.Read(ref _fired);

        public long FiredAt { get; private set; }

        public Exception? Failure { get; private set; }

        public override void OnFailure(Exception exception) => Failure = exception;

        protected internal override void OnDue()
        {
            if (Throws)
            {
                throw new FormatException("Broken on purpose.");
            }

            FiredAt = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _fired);
        }
    }
}
