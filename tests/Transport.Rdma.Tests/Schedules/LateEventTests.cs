using Nvmf.Abstractions.Lifecycle;
using Nvmf.EventLoop;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Virtual;

namespace Nvmf.Transport.Rdma.Tests.Schedules;

/// <summary>Failure F2: events and completions that come at the worst moment.</summary>
public class LateEventTests
{
    [Fact]
    public async Task The_last_wqe_event_completes_the_drain_and_comes_again()
    {
        await using TargetBench bench = await ExhaustiveTests.StartAsync(shared: true);
        bench.Fabric.LastWorkRequestEvents = 0;
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        VirtualQueuePair adapterPair = ((VirtualCmId)queuePair.Connection.Id).QueuePair!;
        host.Id.Disconnect();
        await bench.EventuallyAsync(() => queuePair.Lifecycle.State == QueuePairState.Draining, "The drain did not begin.");
        await bench.SettleAsync();
        Assert.Equal(QueuePairState.Draining, queuePair.Lifecycle.State);
        for (int i = 0; i < 10; i++)
        {
            bench.Machine.VirtualDevice.Emit(AsyncEventType.LastWorkRequestReached, adapterPair);
        }

        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal((TeardownCause.HostClosed, QueuePairState.Draining), (report.Cause, report.LastStage));
        Assert.Equal(0, bench.Counters.LastWorkRequestTimeouts);
        host.Dispose();
    }

    [Fact]
    public async Task Without_a_last_wqe_event_the_drain_goes_on()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options =>
        {
            options.UseSharedReceiveQueue = true;
            options.LastWorkRequestTimeout = TimeSpan.FromMilliseconds(20);
        });
        bench.Fabric.LastWorkRequestEvents = 0;
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        host.Id.Disconnect();
        Assert.Equal(QueuePairState.Draining, (await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).LastStage);
        Assert.Equal(1, bench.Counters.LastWorkRequestTimeouts);
        host.Dispose();
    }

    /// <summary>Over iWARP the peer's disconnect flushes the receives before anybody says why.</summary>
    [Fact]
    public async Task An_orderly_end_that_shows_as_a_flush_first_is_one()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        bench.Fabric.PeerGoesToError = true;
        bench.Fabric.HoldEvents = true;
        host.Id.Disconnect();
        Assert.Equal(TeardownCause.HostClosed, (await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        host.Dispose();
    }

    [Theory]
    [InlineData(AsyncEventType.LastWorkRequestReached)]
    [InlineData(AsyncEventType.QueuePairFatal)]
    internal async Task An_event_that_was_fetched_holds_up_the_destruction_and_finds_the_queue_pair_alive_or_is_dropped(AsyncEventType type)
    {
        await using TargetBench bench = await ExhaustiveTests.StartAsync(shared: true);
        bench.Fabric.LastWorkRequestEvents = 0;
        bench.Destroyer.SetAutomatic(false);
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        VirtualQueuePair adapterPair = ((VirtualCmId)queuePair.Connection.Id).QueuePair!;
        queuePair.Lifecycle.Abort();
        await bench.EventuallyAsync(() => bench.Destroyer.Waiting == 1, "Nobody asked for the destruction.");

        // The event is in the loop's hands, not acknowledged, when the other thread begins to destroy.
        Task? destroying = null;
        bench.Machine.VirtualDevice.Fetched = () =>
        {
            destroying ??= Task.Run(bench.Destroyer.Run);
            Assert.False(destroying.Wait(20));
        };
        bench.Machine.VirtualDevice.Emit(type, adapterPair);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        await destroying!.WaitAsync(TargetBench.Patience);
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        Assert.True(bench.Counters.LateEvents > 0);
        host.Dispose();
    }

    /// <summary>Fetched in the moment when another thread destroys the queue pair, an event no longer says whose it is. Soft RoCE brings them.</summary>
    [Fact]
    public async Task An_event_whose_queue_pair_is_being_destroyed_is_late_and_concerns_nobody_else()
    {
        await using TargetBench bench = await ExhaustiveTests.StartAsync(shared: true);
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync();
        handler.Command = handler.CompleteOne;
        bench.Machine.VirtualDevice.Emit(AsyncEventType.SendQueueDrained);
        bench.Machine.VirtualDevice.Emit(AsyncEventType.LastWorkRequestReached);
        bench.Machine.VirtualDevice.Emit(AsyncEventType.QueuePairFatal);
        await bench.EventuallyAsync(() => bench.Counters.LateEvents == 2, "Two events of queue pairs were not counted as late.");
        host.Send(ScheduleRunner.Entry(0, 5));
        Assert.Equal(5, host.Receive().CommandId);
        Assert.Equal(QueuePairState.Live, queuePair.Lifecycle.State);
        host.Dispose();
    }

    [Fact]
    public async Task A_number_given_out_again_brings_no_capsule_of_its_former_bearer()
    {
        await using TargetBench bench = await ExhaustiveTests.StartAsync(shared: true);
        bench.Destroyer.SetAutomatic(false);
        (RawHost first, RdmaQueuePair old, ScriptedHandler oldHandler) = await bench.ConnectAsync();
        uint number = ((VirtualCmId)old.Connection.Id).QueuePair!.Number;
        using var second = new RawHost(bench.HostMachine);

        // While the loop is busy: the old queue pair gets a capsule and is destroyed, but the loop will hear of that last; a new host asks for a queue
        // pair; and then the capsule's completion shows.
        bench.Fabric.HoldCompletions = true;
        first.Send(ScheduleRunner.Entry(0, 77));
        old.Lifecycle.Abort();
        await bench.EventuallyAsync(() => bench.Destroyer.Waiting == 1, "Nobody asked for the destruction.");
        var destroyed = new ManualResetEventSlim();
        var goOn = new ManualResetEventSlim();
        bench.Fabric.DestroyingId = () =>
        {
            bench.Fabric.DestroyingId = null;
            destroyed.Set();
            goOn.Wait(TargetBench.Patience);
        };
        Task destroying = Task.CompletedTask;
        var busy = new ManualResetEventSlim();
        try
        {
            bench.Loop.Thread.Post(new LoopAction(() => busy.Wait(TargetBench.Patience)));
            destroying = Task.Run(bench.Destroyer.Run);
            Assert.True(destroyed.Wait(TargetBench.Patience), "The old queue pair was not destroyed.");
            second.Connect(bench.Port);
            bench.Fabric.DeliverAll();
            busy.Set();
            second.Expect(ConnectionEventType.Established);
            RdmaQueuePair queuePair = await bench.AcceptAsync();
            Assert.Equal(number, ((VirtualCmId)queuePair.Connection.Id).QueuePair!.Number);
            var handler = new ScriptedHandler(bench.Pool.Pool);
            handler.Command = handler.CompleteOne;
            queuePair.Start(handler);
            second.Send(ScheduleRunner.Entry(0, 5));
            Assert.Equal(5, second.Receive().CommandId);
            Assert.Equal([5], handler.Arrived);
            Assert.Empty(oldHandler.Arrived);
        }
        finally
        {
            // Loop and destroyer go on, whatever was found: the bench waits for both.
            busy.Set();
            goOn.Set();
            await destroying.WaitAsync(TargetBench.Patience);
            first.Dispose();
        }
    }

    [Fact]
    public async Task A_destruction_that_never_returns_ends_in_quarantine()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.DrainDeadlines =
            new DrainDeadlines(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)));
        bench.Destroyer.SetAutomatic(false);
        (RawHost host, RdmaQueuePair queuePair, ScriptedHandler handler) = await bench.ConnectAsync();
        queuePair.Close(TeardownCause.KeepAliveExpired);
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal(QueuePairState.Aborting, report.LastStage);
        Assert.True(report.QuarantinedBytes > 0);
        Assert.Equal(report.QuarantinedBytes > 0, bench.Pool.Pool.Statistics.QuarantinedBytes > 0);
        await bench.EventuallyAsync(() => handler.ClosedCalls == 1, "The handler was not told.");

        // It returns after all: what it was waited for is not used again, and the counts come to zero.
        bench.Destroyer.SetAutomatic(true);
        await bench.EventuallyAsync(() => queuePair.Lifecycle.References == default, "References are left.");
        host.Dispose();
    }

    [Fact]
    public async Task The_port_goes_down_and_nothing_else_does()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync(configure: handler => handler.Command = handler.CompleteOne);
        bench.Machine.VirtualDevice.Emit(AsyncEventType.PortError);
        bench.Machine.VirtualDevice.Emit(AsyncEventType.PortActive);
        await bench.SettleAsync();
        host.Send(ScheduleRunner.Entry(0, 1));
        host.Receive();
        Assert.Equal(QueuePairState.Live, queuePair.Lifecycle.State);
        host.Dispose();
    }

    [Fact]
    public async Task A_lost_device_takes_all_its_queue_pairs_along()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        (RawHost first, RdmaQueuePair one, _) = await bench.ConnectAsync();
        (RawHost second, RdmaQueuePair two, _) = await bench.ConnectAsync();
        bench.Machine.VirtualDevice.Emit(AsyncEventType.DeviceFatal);
        Assert.Equal(TeardownCause.DeviceRemoved, (await one.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        Assert.Equal(TeardownCause.DeviceRemoved, (await two.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        first.Dispose();
        second.Dispose();
    }
}
