using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Xunit.Abstractions;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>Real threads over one queue pair after the other: who holds a reference must never see it destroyed.</summary>
public sealed class LifecycleStressTests(ITestOutputHelper output)
{
    private const int Rounds = 1500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly DrainDeadlines Deadlines = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    [Fact]
    public async Task A_reference_outlives_whatever_else_happens()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var reports = new List<DrainReport>();
        for (int round = 0; round < Rounds; round++)
        {
            var pair = new StressedPair(seed + round);
            Task[] threads =
            [
                Task.Run(pair.RunCommands), Task.Run(pair.RunCommands), Task.Run(pair.RunEvents), Task.Run(pair.RunTransmissions),
                Task.Run(() => pair.Close(TeardownCause.HostClosed)), Task.Run(() => pair.Close(TeardownCause.ListenerRemoved)), Task.Run(pair.PassTime),
            ];
            await Task.WhenAll(threads).WaitAsync(Patience);
            DrainReport report = await pair.Lifecycle.Completion.WaitAsync(Patience);
            Assert.Equal(1, pair.Destroyed);
            Assert.True(SpinWait.SpinUntil(() => pair.Lifecycle.References == default, Patience));
            Assert.Equal(0, pair.Time.ActiveTimers);
            Assert.Null(report.Error);
            Assert.True(report.LaterCauses.Count <= 1 && !report.LaterCauses.Contains(report.Cause));
            reports.Add(report);
        }

        output.WriteLine(
            $"{reports.Count(report => report.LastStage == QueuePairState.Draining)} graceful, "
            + $"{reports.Count(report => report.LastStage == QueuePairState.Aborting)} aborted, {reports.Count(report => report.QuarantinedBytes > 0)} with quarantine, "
            + $"{reports.Count(report => report.AbandonedCommands > 0)} with abandoned commands, {reports.Sum(report => report.LateEvents)} late events");
    }

    private sealed class StressedPair : IQueuePairStages
    {
        private readonly int _seed;

        // Neither kernel nor back end lets go before everything is over: T1 to T3 have to do it.
        private readonly bool _stubborn;
        private int _thread;
        private int _destroyed;
        private int _inStage;
        private int _lastStage;
        private volatile bool _abandoned;

        public StressedPair(int seed)
        {
            _seed = seed;
            _stubborn = seed % 5 == 0;
            Lifecycle = new QueuePairLifecycle("stress", this, Deadlines, Time);
            Assert.True(seed % 7 == 0 || Lifecycle.TryGoLive());
            Assert.True(Lifecycle.TryAcquire(ReferenceKind.Registration));
        }

        public ManualTimeProvider Time { get; } = new();

        public QueuePairLifecycle Lifecycle { get; }

        public int Destroyed => Volatile.Read(ref _destroyed);

        public void RunCommands() => Repeat(random =>
        {
            if (!Lifecycle.TryAcquire(ReferenceKind.Command))
            {
                return;
            }

            if (Lifecycle.TryAcquire(ReferenceKind.Transmission))
            {
                Lifecycle.Release(ReferenceKind.Command);
                Hold(random);
                Lifecycle.Release(ReferenceKind.Transmission);
            }
            else
            {
                Lifecycle.Release(ReferenceKind.Command);
            }
        }, hold: ReferenceKind.Command);

        public void RunTransmissions() => Repeat(random =>
        {
            int count = random.Next(1, 4);
            if (Lifecycle.TryAcquire(ReferenceKind.Transmission, count))
            {
                Hold(random);
                Lifecycle.Release(ReferenceKind.Transmission, count);
            }
        }, hold: ReferenceKind.Transmission);

        public void RunEvents() => Repeat(random =>
        {
            if (Lifecycle.TryAcquire(ReferenceKind.Event))
            {
                Thread.SpinWait(random.Next(100));
                Assert.Equal(0, Destroyed);
                Lifecycle.Release(ReferenceKind.Event);
            }
        });

        public void Close(TeardownCause cause)
        {
            var random = new Random(_seed + (int)cause);
            Thread.SpinWait(random.Next(3000));
            bool first = Lifecycle.BeginTeardown(cause);
            if (random.Next(3) == 0)
            {
                Lifecycle.Abort();
            }

            if (first)
            {
                // The event loop lets go of the connection some time later.
                Assert.Equal(0, Destroyed);
                Lifecycle.Release(ReferenceKind.Registration);
            }
        }

        public void PassTime()
        {
            Repeat(random =>
            {
                if (random.Next(4) == 0)
                {
                    Time.Advance(TimeSpan.FromMilliseconds(random.Next(1, 1500)));
                }
            });
            while (_stubborn && !Lifecycle.Completion.IsCompleted)
            {
                Time.Advance(TimeSpan.FromMilliseconds(100));
                Thread.Yield();
            }
        }

        public void OnQuiescing(TeardownCause cause) => InStage(1, () => Assert.Equal(Lifecycle.Cause, cause));

        public void OnDraining() => InStage(2, () =>
        {
            if (Lifecycle.TryAcquire(ReferenceKind.Transmission))
            {
                ThreadPool.QueueUserWorkItem(_ => Lifecycle.Release(ReferenceKind.Transmission));
            }
        });

        public void OnAborting() => InStage(3, () =>
        {
            Assert.True(Lifecycle.TryAcquire(ReferenceKind.Event));
            ThreadPool.QueueUserWorkItem(_ =>
            {
                Assert.Equal(0, Destroyed);
                Lifecycle.Release(ReferenceKind.Event);
            });
        });

        public void OnAbandoned() => InStage(4, () =>
        {
            _abandoned = true;
            Lifecycle.AddQuarantined(1);
        });

        public void OnDestroy() => InStage(5, () =>
        {
            QueuePairReferences references = Lifecycle.References;
            Assert.Equal((0, 0), (references.Events, references.Registrations));
            Assert.True(_abandoned || references.Transmissions == 0);
            Interlocked.Increment(ref _destroyed);
        });

        private void Repeat(Action<Random> action, ReferenceKind? hold = null)
        {
            if (_stubborn && hold is { } kind && Lifecycle.TryAcquire(kind))
            {
                Lifecycle.Completion.ContinueWith(_ => Lifecycle.Release(kind), TaskScheduler.Default);
            }

            var random = new Random(_seed ^ (Interlocked.Increment(ref _thread) << 16));
            for (int i = 0; i < 20; i++)
            {
                action(random);
            }
        }

        private void Hold(Random random)
        {
            Thread.SpinWait(random.Next(200));
            Assert.True(_abandoned || Destroyed == 0);
        }

        private void InStage(int stage, Action action)
        {
            Assert.Equal(1, Interlocked.Increment(ref _inStage));
            Assert.True(stage > _lastStage);
            _lastStage = stage;
            action();
            Interlocked.Decrement(ref _inStage);
        }
    }
}
