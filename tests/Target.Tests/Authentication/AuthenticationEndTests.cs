using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Authentication;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Authentication;

/// <summary>Deadlines, ends in the middle, and hosts that want more computed than there is time for.</summary>
public class AuthenticationEndTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_host_that_says_nothing_or_stops_in_the_middle_is_parted_with_at_the_deadline()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair silent, _, _) = await ChapTarget.ConnectAsync(target);
        (FakeQueuePair stopped, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        (FakeQueuePair unfetched, ChapHost failing, _) = await ChapTarget.ConnectAsync(target);
        Assert.Equal(NvmeStatus.Success, await failing.SendAsync(failing.Success2()));
        (FakeQueuePair done, ChapHost good, _) = await ChapTarget.EnableAsync(target);
        target.Advance(Deadline - TimeSpan.FromSeconds(1));
        await target.Loop.SettleAsync();
        Assert.All([silent, stopped, unfetched], queue => Assert.Equal(TeardownCause.None, queue.Lifecycle.Cause));
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Reply(await host.ReceiveAsync(), mutual: false)));
        Assert.Equal(NvmeStatus.Success, await good.ProbeAsync());
        target.Advance(TimeSpan.FromSeconds(2));
        foreach (FakeQueuePair queue in (FakeQueuePair[])[silent, stopped, unfetched])
        {
            Assert.Equal(TeardownCause.TimedOut, (await queue.Closed).Cause);
        }

        Assert.Equal(QueuePairState.Live, done.Lifecycle.State);
    }

    [Fact]
    public async Task A_live_queue_that_begins_and_does_not_go_on_ends()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.EnableAsync(target);
        target.Advance(Deadline + Deadline);
        Assert.Equal(NvmeStatus.Success, await host.ProbeAsync());
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        for (int i = 0; i < 31; i++)
        {
            // Commands do not make the deadline later.
            target.Advance(TimeSpan.FromSeconds(1));
            await target.Loop.SettleAsync();
            if (queue.Lifecycle.State == QueuePairState.Live)
            {
                await host.Receive(length: 16).AnswerAsync();
            }
        }

        Assert.Equal(TeardownCause.TimedOut, (await queue.Closed).Cause);
    }

    [Fact]
    public async Task Too_many_computations_put_a_host_off_and_hold_up_no_other()
    {
        await using TestTarget target = ChapTarget.Create(options: static options => options.MaxKeyExchanges = 1);
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        (_, ChapHost other, _) = await ChapTarget.ConnectAsync(target);
        host.Groups = [DhChapGroup.Ffdhe2048];
        using (var gate = new HeldGate(target.Target.KeyExchanges))
        {
            gate.Fill();
            Assert.Equal(NvmeStatus.CommandInterrupted, await host.SendAsync(host.Negotiate()));
            await other.AuthenticateAsync();
        }

        await TestTimeouts.UntilAsync(() => target.Target.KeyExchanges.Waiting == 0, "an empty gate");
        await host.AuthenticateAsync(mutual: true);
        Assert.Equal(QueuePairState.Live, queue.Lifecycle.State);
    }

    [Fact]
    public async Task A_second_message_while_one_is_computed_is_out_of_sequence()
    {
        await using TestTarget target = ChapTarget.Create(options: static options => options.MaxKeyExchanges = 1);
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        host.Groups = [DhChapGroup.Ffdhe2048];
        HostRequest negotiate;
        using (var gate = new HeldGate(target.Target.KeyExchanges))
        {
            gate.Hold();
            negotiate = host.Send(host.Negotiate());
            Assert.Equal(NvmeStatus.CommandSequenceError.WithDoNotRetry(), await host.SendAsync(host.Negotiate()));
            Assert.Equal(NvmeStatus.CommandSequenceError, (await host.Receive().AnswerAsync()).Code);
            Assert.Equal(NvmeStatus.AuthenticationRequired, await host.ProbeAsync());
            Assert.False(negotiate.IsAnswered);
        }

        Assert.Equal(NvmeStatus.Success, (await negotiate.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Reply(await host.ReceiveAsync(), mutual: false)));
        host.CheckSuccess1(await host.ReceiveAsync(), mutual: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_may_end_while_one_is_computed(bool afterDeadline)
    {
        await using TestTarget target = ChapTarget.Create(options: static options => options.MaxKeyExchanges = 1);
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        host.Groups = [DhChapGroup.Ffdhe2048];
        using (var gate = new HeldGate(target.Target.KeyExchanges))
        {
            gate.Hold();
            host.Send(host.Negotiate());
            await target.Loop.SettleAsync();
            queue.Close(TeardownCause.HostClosed);
            await target.Loop.SettleAsync();
            if (afterDeadline)
            {
                // T1 is over: the queue pair is destroyed with the command still out.
                target.Advance(target.Deadlines.Commands + TimeSpan.FromSeconds(1));
                Assert.Equal(1, (await queue.Closed).AbandonedCommands);
            }
        }

        Assert.Equal(TeardownCause.HostClosed, (await queue.Closed).Cause);
        await TestTimeouts.UntilAsync(() => target.Target.KeyExchanges.Waiting == 0, "an empty gate");
    }

    [Fact]
    public async Task The_gate_runs_so_many_at_a_time_and_all_in_turn()
    {
        var gate = new KeyExchangeGate(2);
        using var held = new HeldGate(gate);
        held.Hold();
        held.Hold();
        var order = new List<int>();
        var done = new TaskCompletionSource();
        for (int i = 0; i < 100; i++)
        {
            int turn = i;
            Assert.True(gate.TryRun(new Item(() =>
            {
                lock (order)
                {
                    order.Add(turn);
                    if (order.Count == 100)
                    {
                        done.SetResult();
                    }
                }
            })));
        }

        Assert.Empty(order);
        held.ReleaseOne();
        await done.Task.WaitAsync(TestTimeouts.Long);
        Assert.Equal(Enumerable.Range(0, 100), order);
    }

    private sealed class Item(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }

    /// <summary>Occupies a gate until it is disposed.</summary>
    private sealed class HeldGate(KeyExchangeGate gate) : IDisposable
    {
        private readonly SemaphoreSlim _release = new(0);
        private int _held;

        public void Hold()
        {
            using var begun = new SemaphoreSlim(0);
            Assert.True(gate.TryRun(new Item(() =>
            {
                begun.Release();
                _release.Wait();
            })));
            _held++;
            Assert.True(begun.Wait(TestTimeouts.Long));
        }

        public void Fill()
        {
            Hold();
            while (gate.TryRun(new Item(static () => { })))
            {
            }

            Assert.Equal(KeyExchangeGate.MaxWaiting, gate.Waiting);
        }

        public void ReleaseOne()
        {
            _held--;
            _release.Release();
        }

        public void Dispose()
        {
            if (_held > 0)
            {
                _release.Release(_held);
            }
        }
    }
}
