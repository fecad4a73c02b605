using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Abstractions.Tests.Lifecycle;

/// <summary>The way to the end, stage by stage, on a clock that the test moves.</summary>
public sealed class QueuePairStagesTests
{
    private static readonly DrainDeadlines Deadlines = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));

    private readonly RecordingStages _stages = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_idle_queue_pair_ends_within_BeginTeardown(bool live)
    {
        QueuePairLifecycle lifecycle = live ? _stages.MakeLive() : _stages.MakeConnecting();
        Assert.True(lifecycle.BeginTeardown(TeardownCause.HostClosed));

        AssertCalls("Quiescing HostClosed", "Draining", "Destroy");
        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal(TeardownCause.HostClosed, report.Cause);
        Assert.Equal(QueuePairState.Draining, report.LastStage);
        Assert.Equal("test", report.QueuePairId);
        Assert.Equal(QueuePairState.Closed, lifecycle.State);
        Assert.False(lifecycle.TryGoLive());
        Assert.Equal(0, _stages.Time.ActiveTimers);
    }

    [Fact]
    public async Task Commands_then_transmissions_then_events_hold_the_end_up()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        Acquire(lifecycle, ReferenceKind.Command, ReferenceKind.Transmission, ReferenceKind.PostedReceive, ReferenceKind.Event, ReferenceKind.Registration);
        Assert.Equal(new QueuePairReferences(1, 1, 1, 1, 1), lifecycle.References);
        Assert.Equal(0, _stages.Time.CreatedTimers);

        lifecycle.BeginTeardown(TeardownCause.ListenerRemoved);
        Assert.Equal(QueuePairState.Quiescing, lifecycle.State);
        lifecycle.AddProven(100);
        Release(lifecycle, ReferenceKind.Command);
        Assert.Equal(QueuePairState.Draining, lifecycle.State);
        lifecycle.AddProven(10);
        _stages.Time.Advance(TimeSpan.FromMilliseconds(1500));
        Release(lifecycle, ReferenceKind.Transmission);
        Assert.Equal(QueuePairState.Draining, lifecycle.State);
        Release(lifecycle, ReferenceKind.PostedReceive);
        Assert.Equal(QueuePairState.Closed, lifecycle.State);
        Release(lifecycle, ReferenceKind.Event);
        AssertCalls("Quiescing ListenerRemoved", "Draining");
        Release(lifecycle, ReferenceKind.Registration);
        AssertCalls("Quiescing ListenerRemoved", "Draining", "Destroy");

        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal((110, 0, 0, 0), (report.DrainedBytes, report.AbortedBytes, report.QuarantinedBytes, report.AbandonedCommands));
        Assert.Equal(TimeSpan.FromMilliseconds(1500), report.Elapsed);
        Assert.Equal(1, _stages.Time.CreatedTimers);
        Assert.Equal(0, _stages.Time.ActiveTimers);
    }

    [Fact]
    public async Task After_T1_the_flush_goes_on_without_the_commands()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        Acquire(lifecycle, ReferenceKind.Command, ReferenceKind.Command, ReferenceKind.Command, ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.ProcessStop);
        _stages.Time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Equal(QueuePairState.Quiescing, lifecycle.State);
        _stages.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(QueuePairState.Draining, lifecycle.State);
        Release(lifecycle, ReferenceKind.Command);
        Release(lifecycle, ReferenceKind.Transmission);

        AssertCalls("Quiescing ProcessStop", "Draining", "Destroy");
        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal((QueuePairState.Draining, 2), (report.LastStage, report.AbandonedCommands));

        // The back end answers at last.
        Release(lifecycle, ReferenceKind.Command);
        Release(lifecycle, ReferenceKind.Command);
        Assert.Equal(default, lifecycle.References);
        Assert.Throws<InvalidOperationException>(() => lifecycle.Release(ReferenceKind.Command));
    }

    [Fact]
    public async Task T2_aborts_and_waits_for_the_proof()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        Acquire(lifecycle, ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.KeepAliveExpired);
        lifecycle.AddProven(1);
        _stages.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(QueuePairState.Aborting, lifecycle.State);
        AssertCalls("Quiescing KeepAliveExpired", "Draining", "Aborting");
        Assert.False(lifecycle.TryAcquire(ReferenceKind.Transmission));
        Acquire(lifecycle, ReferenceKind.Event);

        _stages.Time.Advance(TimeSpan.FromSeconds(2.9));
        lifecycle.AddProven(20);
        Release(lifecycle, ReferenceKind.Transmission);
        Release(lifecycle, ReferenceKind.Event);
        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal((QueuePairState.Aborting, 1, 20), (report.LastStage, report.DrainedBytes, report.AbortedBytes));
    }

    [Fact]
    public async Task T3_gives_what_is_still_out_to_quarantine()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        Acquire(lifecycle, ReferenceKind.Command, ReferenceKind.Transmission, ReferenceKind.Transmission, ReferenceKind.PostedReceive);
        _stages.InAbandoned = () => Acquire(lifecycle, ReferenceKind.Event);
        lifecycle.BeginTeardown(TeardownCause.TimedOut);
        _stages.Time.Advance(TimeSpan.FromSeconds(1 + 2 + 3));

        AssertCalls("Quiescing TimedOut", "Draining", "Aborting", "Abandoned");
        Assert.Equal(QueuePairState.Closed, lifecycle.State);
        Release(lifecycle, ReferenceKind.Transmission);
        lifecycle.AddQuarantined(4096);
        Release(lifecycle, ReferenceKind.Event);
        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal((QueuePairState.Aborting, 4096, 1), (report.LastStage, report.QuarantinedBytes, report.AbandonedCommands));

        // The kernel lets go after all.
        Release(lifecycle, ReferenceKind.Transmission);
        Release(lifecycle, ReferenceKind.PostedReceive);
        Release(lifecycle, ReferenceKind.Command);
        AssertCalls("Quiescing TimedOut", "Draining", "Aborting", "Abandoned", "Destroy");
    }

    [Fact]
    public async Task A_transmission_acquired_in_OnDraining_keeps_the_stage_open()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        _stages.InDraining = () => Acquire(lifecycle, ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.LocalClose);
        Assert.Equal(QueuePairState.Draining, lifecycle.State);
        Release(lifecycle, ReferenceKind.Transmission);
        Assert.Equal(QueuePairState.Draining, (await ReportOf(lifecycle)).LastStage);
    }

    [Fact]
    public async Task Abort_without_a_teardown_is_one_and_skips_the_flush()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        Acquire(lifecycle, ReferenceKind.Command);
        lifecycle.Abort();
        AssertCalls("Quiescing ConnectionReset", "Aborting");
        Assert.False(lifecycle.BeginTeardown(TeardownCause.HostClosed));

        // Commands keep their time.
        Assert.Equal(QueuePairState.Aborting, lifecycle.State);
        _stages.Time.Advance(TimeSpan.FromSeconds(1));
        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal((TeardownCause.ConnectionReset, QueuePairState.Aborting, 1), (report.Cause, report.LastStage, report.AbandonedCommands));
        Assert.Equal([TeardownCause.HostClosed], report.LaterCauses);
        AssertCalls("Quiescing ConnectionReset", "Aborting", "Destroy");
    }

    [Theory]
    [InlineData(QueuePairState.Quiescing)]
    [InlineData(QueuePairState.Draining)]
    public async Task Abort_during_a_teardown_keeps_its_cause(QueuePairState stage)
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines);
        Acquire(lifecycle, stage == QueuePairState.Quiescing ? ReferenceKind.Command : ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.HostRemoved);
        Assert.Equal(stage, lifecycle.State);
        lifecycle.Abort();
        lifecycle.Abort();
        Assert.Equal(QueuePairState.Aborting, lifecycle.State);
        Release(lifecycle, stage == QueuePairState.Quiescing ? ReferenceKind.Command : ReferenceKind.Transmission);
        Assert.Equal(TeardownCause.HostRemoved, (await ReportOf(lifecycle)).Cause);
    }

    [Fact]
    public async Task Zero_deadlines_go_through_all_stages_at_once()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(default(DrainDeadlines));
        Acquire(lifecycle, ReferenceKind.Command, ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.ProcessStop);
        DrainReport report = await ReportOf(lifecycle);
        Assert.Equal(1, report.AbandonedCommands);
        Assert.Equal("Quiescing ProcessStop", _stages.Calls.First());
        Assert.Equal(["Aborting", "Abandoned", "Destroy"], _stages.Calls.TakeLast(3));
        Assert.Equal(0, _stages.Time.CreatedTimers);
    }

    [Fact]
    public void Infinite_deadlines_set_no_timer()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(
            new DrainDeadlines(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        Acquire(lifecycle, ReferenceKind.Command, ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.ProcessStop);
        _stages.Time.Advance(TimeSpan.FromDays(1000));
        Assert.Equal(QueuePairState.Quiescing, lifecycle.State);
        lifecycle.Abort();
        _stages.Time.Advance(TimeSpan.FromDays(1000));
        Assert.Equal(QueuePairState.Aborting, lifecycle.State);
        Assert.Equal(0, _stages.Time.CreatedTimers);
    }

    [Fact]
    public void Deadlines_beyond_the_range_of_timers_work()
    {
        QueuePairLifecycle lifecycle = _stages.MakeLive(Deadlines with { Commands = TimeSpan.FromDays(100) });
        Acquire(lifecycle, ReferenceKind.Command, ReferenceKind.Transmission);
        lifecycle.BeginTeardown(TeardownCause.ProcessStop);
        _stages.Time.Advance(TimeSpan.FromDays(99));
        Assert.Equal(QueuePairState.Quiescing, lifecycle.State);
        _stages.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(QueuePairState.Draining, lifecycle.State);
    }

    [Theory]
    [InlineData(-2, 0, 0)]
    [InlineData(0, -2, 0)]
    [InlineData(0, 0, -2)]
    public void Negative_deadlines_are_refused(int commands, int transmissions, int abort) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _stages.MakeLive(
            new DrainDeadlines(TimeSpan.FromMilliseconds(commands), TimeSpan.FromMilliseconds(transmissions), TimeSpan.FromMilliseconds(abort))));

    private static void Acquire(QueuePairLifecycle lifecycle, params ReferenceKind[] kinds) =>
        Assert.All(kinds, kind => Assert.True(lifecycle.TryAcquire(kind)));

    private static void Release(QueuePairLifecycle lifecycle, ReferenceKind kind) => lifecycle.Release(kind);

    private static Task<DrainReport> ReportOf(QueuePairLifecycle lifecycle) => lifecycle.Completion.WaitAsync(TimeSpan.FromSeconds(30));

    private void AssertCalls(params string[] calls) => Assert.Equal(calls, _stages.Calls);
}
