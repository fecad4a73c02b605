using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>References, causes, reports and threads.</summary>
public sealed class QueuePairLifecycleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly RecordingStages _stages = new();

    [Fact]
    public void Each_kind_can_be_acquired_up_to_its_stage()
    {
        QueuePairLifecycle lifecycle = _stages.MakeConnecting();
        AssertAcquirable(lifecycle, QueuePairState.Connecting, "TPER");
        lifecycle.TryGoLive();
        AssertAcquirable(lifecycle, QueuePairState.Live, "CTPER");
        Assert.True(lifecycle.TryAcquire(ReferenceKind.Command));
        Assert.True(lifecycle.TryAcquire(ReferenceKind.Transmission));
        Assert.True(lifecycle.TryAcquire(ReferenceKind.Registration));
        lifecycle.BeginTeardown(TeardownCause.LocalClose);
        AssertAcquirable(lifecycle, QueuePairState.Quiescing, "TPER");
        lifecycle.Release(ReferenceKind.Command);
        AssertAcquirable(lifecycle, QueuePairState.Draining, "TPER");
        lifecycle.Abort();
        AssertAcquirable(lifecycle, QueuePairState.Aborting, "ER");
        lifecycle.Release(ReferenceKind.Transmission);
        AssertAcquirable(lifecycle, QueuePairState.Closed, "");
        lifecycle.Release(ReferenceKind.Registration);
        AssertAcquirable(lifecycle, QueuePairState.Closed, "");
    }

    [Theory]
    [InlineData(ReferenceKind.Command, 8191)]
    [InlineData(ReferenceKind.Transmission, 65535)]
    [InlineData(ReferenceKind.PostedReceive, 4095)]
    [InlineData(ReferenceKind.Event, 1023)]
    [InlineData(ReferenceKind.Registration, 15)]
    public void A_count_at_its_limit_refuses_more_and_never_runs_into_its_neighbour(ReferenceKind kind, int limit)
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        Assert.False(lifecycle.TryAcquire(kind, limit + 1));
        Assert.False(lifecycle.TryAcquire(kind, int.MaxValue));
        Assert.True(lifecycle.TryAcquire(kind, limit));
        QueuePairReferences references = lifecycle.References;
        Assert.False(lifecycle.TryAcquire(kind));
        Assert.Equal(references, lifecycle.References);
        Assert.Equal(limit, references.Commands + references.Transmissions + references.PostedReceives + references.Events + references.Registrations);
        Assert.Throws<InvalidOperationException>(() => lifecycle.Release(kind, limit + 1));
        lifecycle.Release(kind, limit);
        Assert.Throws<InvalidOperationException>(() => lifecycle.Release(kind));
        Assert.Equal(default, lifecycle.References);
        Assert.Equal(QueuePairState.Live, lifecycle.State);
        Assert.Throws<ArgumentOutOfRangeException>(() => lifecycle.Release(kind, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => lifecycle.TryAcquire(kind, -1));
    }

    [Fact]
    public async Task The_first_cause_is_reported_and_later_ones_are_noted_up_to_a_bound()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        lifecycle.TryAcquire(ReferenceKind.Event);
        Assert.Equal(TeardownCause.None, lifecycle.Cause);
        Assert.Throws<ArgumentOutOfRangeException>(() => lifecycle.BeginTeardown(TeardownCause.None));
        var error = new InvalidOperationException();
        Assert.True(lifecycle.BeginTeardown(TeardownCause.ProtocolError, error));
        Assert.Equal(TeardownCause.ProtocolError, lifecycle.Cause);
        Assert.False(lifecycle.BeginTeardown(TeardownCause.HostClosed, new InvalidOperationException()));
        for (int i = 0; i < 100; i++)
        {
            Assert.False(lifecycle.BeginTeardown(TeardownCause.ProcessStop));
        }

        lifecycle.Release(ReferenceKind.Event);
        DrainReport report = await lifecycle.Completion.WaitAsync(Patience);
        Assert.Equal((TeardownCause.ProtocolError, error), (report.Cause, report.Error));
        Assert.Equal([TeardownCause.HostClosed, .. Enumerable.Repeat(TeardownCause.ProcessStop, 15)], report.LaterCauses);
    }

    [Fact]
    public async Task A_group_ends_for_its_own_reason_though_the_peer_answers_the_first_end_at_once()
    {
        var others = new RecordingStages();
        QueuePairLifecycle[] group = [_stages.MakeLive(), others.MakeLive()];
        _stages.InQuiescing = () => Assert.False(group[1].BeginTeardown(TeardownCause.HostClosed));
        others.InQuiescing = () => Assert.False(group[0].BeginTeardown(TeardownCause.HostClosed));

        QueuePairLifecycle.BeginTeardownOfAll(group, TeardownCause.ListenerRemoved);

        Assert.Throws<ArgumentOutOfRangeException>(() => QueuePairLifecycle.BeginTeardownOfAll(group, TeardownCause.None));
        DrainReport[] reports = await Task.WhenAll(group.Select(lifecycle => lifecycle.Completion)).WaitAsync(Patience);
        Assert.All(reports, report => Assert.Equal(TeardownCause.ListenerRemoved, report.Cause));
        Assert.Equal(["Quiescing ListenerRemoved", "Draining", "Destroy"], others.Calls);
    }

    [Fact]
    public async Task Late_events_are_refused_and_counted()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        lifecycle.TryAcquire(ReferenceKind.Event);
        lifecycle.BeginTeardown(TeardownCause.LocalClose);
        Assert.Equal(QueuePairState.Closed, lifecycle.State);
        Assert.False(lifecycle.TryAcquire(ReferenceKind.Event));
        Assert.False(lifecycle.TryAcquire(ReferenceKind.Event, 2));
        Assert.False(lifecycle.TryAcquire(ReferenceKind.Transmission));
        lifecycle.Release(ReferenceKind.Event);
        Assert.Equal(3, (await lifecycle.Completion.WaitAsync(Patience)).LateEvents);
    }

    [Theory]
    [InlineData("Quiescing", "Quiescing LocalClose,Aborting,Destroy")]
    [InlineData("Draining", "Quiescing LocalClose,Draining,Aborting,Destroy")]
    [InlineData("Destroy", "Quiescing LocalClose,Draining,Destroy")]
    public async Task An_exception_from_a_stage_aborts_and_is_reported(string stage, string calls)
    {
        var error = new InvalidOperationException("broken stage");
        void Throw() => throw error;
        _stages.InQuiescing = stage == "Quiescing" ? Throw : null;
        _stages.InDraining = stage == "Draining" ? Throw : null;
        _stages.InDestroy = stage == "Destroy" ? Throw : null;
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        lifecycle.BeginTeardown(TeardownCause.LocalClose);
        DrainReport report = await lifecycle.Completion.WaitAsync(Patience);
        Assert.Same(error, report.Error);
        Assert.Equal([TeardownCause.InternalError], report.LaterCauses);
        Assert.Equal(calls.Split(','), _stages.Calls);
    }

    [Fact]
    public async Task Everything_may_be_called_from_inside_a_stage()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        lifecycle.TryAcquire(ReferenceKind.Command, 2);
        _stages.InQuiescing = () =>
        {
            lifecycle.Release(ReferenceKind.Command);
            lifecycle.BeginTeardown(TeardownCause.HostRemoved);
            lifecycle.Release(ReferenceKind.Command);
            Assert.Equal(QueuePairState.Quiescing, lifecycle.State);
        };
        _stages.InDraining = lifecycle.Abort;
        _stages.InAborting = () => _stages.Time.Advance(TimeSpan.FromHours(1));
        lifecycle.BeginTeardown(TeardownCause.LocalClose);
        await lifecycle.Completion.WaitAsync(Patience);
        Assert.Equal(["Quiescing LocalClose", "Draining", "Aborting", "Destroy"], _stages.Calls);
    }

    [Fact]
    public async Task Stages_come_one_at_a_time_whoever_advances_the_state()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        lifecycle.TryAcquire(ReferenceKind.Command);
        lifecycle.TryAcquire(ReferenceKind.Transmission);
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        int inside = 0;
        _stages.InQuiescing = () =>
        {
            inside++;
            entered.Set();
            Assert.True(leave.Wait(Patience));
            inside--;
        };
        _stages.InDraining = () => Assert.Equal(0, inside);
        _stages.InAborting = () => Assert.Equal(0, inside);
        Task teardown = Task.Run(() => lifecycle.BeginTeardown(TeardownCause.LocalClose));
        Assert.True(entered.Wait(Patience));

        // T1 and T2 pass, and an abort comes, while OnQuiescing still runs: nobody else is called, and nobody is kept waiting.
        _stages.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(QueuePairState.Draining, lifecycle.State);
        lifecycle.Abort();
        lifecycle.Release(ReferenceKind.Command);
        lifecycle.Release(ReferenceKind.Transmission);
        Assert.Equal(QueuePairState.Aborting, lifecycle.State);
        Assert.Equal(["Quiescing LocalClose"], _stages.Calls);
        leave.Set();
        await teardown.WaitAsync(Patience);
        Assert.Equal(["Quiescing LocalClose", "Aborting", "Destroy"], _stages.Calls);
        Assert.Null((await lifecycle.Completion.WaitAsync(Patience)).Error);
    }

    [Fact]
    public async Task Completion_runs_nobodys_code_on_the_thread_that_destroys()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        Task<int> continuation = lifecycle.Completion.ContinueWith(
            _ => Environment.CurrentManagedThreadId, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        int destroyer = 0;
        var thread = new Thread(() =>
        {
            destroyer = Environment.CurrentManagedThreadId;
            lifecycle.BeginTeardown(TeardownCause.LocalClose);
        });
        thread.Start();
        Assert.True(thread.Join(Patience));
        Assert.NotEqual(destroyer, await continuation.WaitAsync(Patience));
    }

    [Fact]
    public void Acquiring_and_releasing_allocate_nothing()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive();
        Cycle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Cycle();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Cycle()
        {
            lifecycle.TryAcquire(ReferenceKind.Command);
            lifecycle.TryAcquire(ReferenceKind.Transmission, 3);
            lifecycle.Release(ReferenceKind.Command);
            lifecycle.Release(ReferenceKind.Transmission, 3);
            lifecycle.AddProven(1);
        }
    }

    private static void AssertAcquirable(QueuePairLifecycle lifecycle, QueuePairState state, string letters)
    {
        Assert.Equal(state, lifecycle.State);
        string acquired = "";
        foreach (ReferenceKind kind in Enum.GetValues<ReferenceKind>())
        {
            if (lifecycle.TryAcquire(kind))
            {
                acquired += kind.ToString()[0];
                lifecycle.Release(kind);
            }
        }

        Assert.Equal(letters, acquired);
    }
}
