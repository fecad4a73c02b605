using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Preempt and Abort: nothing that a preempted host has sent touches the medium after the answer.</summary>
public class PreemptAndAbortTests
{
    private static readonly TimeSpan Quiesce = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Reads_are_aborted_at_once_on_all_controllers_of_the_host()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        scene.Backend.Hold = true;
        HostRequest read = scene.A.Send(Commands.Read(0, 8));
        HostRequest other = scene.A2.Send(Commands.Read(0, 8));
        HostRequest copy = scene.A2.Send(Commands.Copy(4096, (0, 64)));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 3, "the commands at the back end");
        Assert.Equal(NvmeStatus.Success, await scene.B.DoAsync(PreemptionScene.Preempt()));
        Assert.All([read, other, copy], request => Assert.Equal(NvmeStatus.AbortedPreemptAndAbort, request.Answer.Result.Status));
        scene.Backend.Release();
        Assert.DoesNotContain(scene.Backend.Log, entry => entry.Operation == BackendOperation.Write);
        Assert.Equal(NvmeStatus.ReservationConflict, await scene.A.ReadAsync());
        Assert.Equal(NvmeStatus.ReservationConflict, await scene.A2.WriteAsync());
    }

    [Fact]
    public async Task A_write_at_the_back_end_is_waited_for()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        scene.Backend.Hold = true;
        HostRequest write = scene.A2.Send(Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 1, "the write at the back end");
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        Assert.False(preempt.IsAnswered);

        // Its host is out already.
        Assert.Equal(NvmeStatus.ReservationConflict, await scene.A.ReadAsync());
        scene.Backend.Release();
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
    }

    [Fact]
    public async Task A_plain_preemption_waits_for_nobody()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        scene.Backend.Hold = true;
        HostRequest write = scene.A.Send(Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 1, "the write at the back end");
        Assert.Equal(NvmeStatus.Success, await scene.B.DoAsync(Acquire(2, ReservationType.ExclusiveAccess, ReservationAcquireAction.Preempt, 1)));
        scene.Backend.Release();
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
    }

    [Fact]
    public async Task A_command_that_goes_on_in_steps_ends_behind_its_step()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        scene.Backend.Hold = true;
        scene.Backend.Holds = static request => request.Operation == BackendOperation.Write;
        HostRequest copy = scene.A.Send(Commands.Copy(4096, (0, 512), (512, 512)));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 1, "the first write of the copy");
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        Assert.False(preempt.IsAnswered);
        scene.Backend.Hold = false;
        scene.Backend.Release();
        Assert.Equal(NvmeStatus.AbortedPreemptAndAbort, (await copy.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
        Assert.Single(scene.Backend.Log, entry => entry.Operation == BackendOperation.Write);
    }

    [Fact]
    public async Task Data_that_comes_late_writes_nothing_though_nobody_holds_a_reservation_by_then()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        HostRequest write = scene.A.Send(Withheld(0));
        await scene.SettleAsync();
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        Assert.False(preempt.IsAnswered);

        // It does nothing to the medium, so the time for it is limited.
        scene.Target.Advance(Quiesce + TimeSpan.FromSeconds(1));
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
        await scene.B.SucceedAsync(Release(2, default, ReservationReleaseAction.Clear));
        scene.A.Io.DeliverData(write);
        Assert.Equal(NvmeStatus.AbortedPreemptAndAbort, (await write.AnswerAsync()).Status);
        Assert.DoesNotContain(scene.Backend.Log, entry => entry.Operation == BackendOperation.Write);
        Assert.Equal(NvmeStatus.Success, await scene.A.WriteAsync());
    }

    [Fact]
    public async Task Data_that_comes_in_time_is_waited_for()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        HostRequest write = scene.A.Send(Withheld(0));
        await scene.SettleAsync();
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        scene.A.Io.DeliverData(write);
        Assert.Equal(NvmeStatus.AbortedPreemptAndAbort, (await write.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
    }

    [Fact]
    public async Task The_end_of_a_connection_ends_the_wait_for_its_data()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        HostRequest write = scene.A.Send(Withheld(0));
        await scene.SettleAsync();
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        Assert.False(preempt.IsAnswered);
        scene.A.Io.Close(TeardownCause.HostClosed);
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
        Assert.Equal(AnswerEnding.Dropped, (await write.AnswerAsync()).Ending);
    }

    [Fact]
    public async Task A_back_end_that_hangs_is_no_success_and_the_next_try_waits_for_it_too()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        scene.Backend.Hold = true;
        HostRequest write = scene.A.Send(Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 1, "the write at the back end");
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        scene.Target.Advance(Quiesce + TimeSpan.FromSeconds(1));
        Assert.Equal(NvmeStatus.InternalError, (await preempt.AnswerAsync()).Status);
        Assert.Equal(2ul, Assert.Single((await scene.B.ReportAsync()).Registrants).Key);

        // Its key is gone, the danger is not.
        HostRequest again = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        Assert.False(again.IsAnswered);
        scene.Backend.Release();
        Assert.Equal(NvmeStatus.Success, (await again.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
    }

    [Fact]
    public async Task A_connection_that_is_gone_may_have_left_a_write_behind()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        scene.Backend.Hold = true;
        scene.A.Send(Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 1, "the write at the back end");
        scene.A.Host.Admin.Lifecycle.Abort();
        scene.A.Io.Lifecycle.Abort();
        scene.Target.Advance(TimeSpan.FromMinutes(1));
        await scene.A.Io.Closed.WaitAsync(TestTimeouts.Long);
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        Assert.False(preempt.IsAnswered);
        scene.Backend.Release();
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
    }

    [Fact]
    public async Task Commands_that_come_later_or_are_about_other_namespaces_hold_up_nothing()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync(ReservationType.WriteExclusive);
        var second = new GatedBackend { Hold = true };
        scene.Target.Subsystem.AddNamespace(new NamespaceOptions(), second);
        HostRequest elsewhere = scene.A.Send(Commands.Write(0, new byte[512], namespaceId: 2));
        await TestTimeouts.UntilAsync(() => second.Held == 1, "the write to the other namespace");
        scene.Backend.Hold = true;
        HostRequest write = scene.A.Send(Commands.Write(0, new byte[512]));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 1, "the write");
        HostRequest preempt = scene.B.Send(Acquire(2, ReservationType.WriteExclusive, ReservationAcquireAction.PreemptAndAbort, 1));
        await scene.SettleAsync();

        // Reads are still allowed, and stay at the back end.
        scene.Backend.Holds = static request => request.Operation == BackendOperation.Read;
        HostRequest late = scene.A.Send(Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => scene.Backend.Held == 2, "the read");
        scene.Backend.Release(1);
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
        Assert.False(late.IsAnswered);
        Assert.False(elsewhere.IsAnswered);
        scene.Backend.Release();
        second.Release();
        Assert.Equal(NvmeStatus.Success, (await late.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_fused_pair_that_waits_for_data_fails_as_one(bool compareWaits, bool writeWaits)
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        (HostRequest compare, HostRequest write) = Commands.Fused(
            0, new byte[512], new byte[512], compareInCapsule: !compareWaits, writeInCapsule: !writeWaits, withholdCompare: compareWaits, withholdWrite: writeWaits);
        scene.A.Send(compare);
        scene.A.Send(write);
        await scene.SettleAsync();
        HostRequest preempt = scene.B.Send(PreemptionScene.Preempt());
        await scene.SettleAsync();
        scene.A.Io.DeliverData(compareWaits ? compare : write);
        Assert.Equal(compareWaits ? NvmeStatus.AbortedPreemptAndAbort : NvmeStatus.AbortedFailedFused, (await compare.AnswerAsync()).Code);
        Assert.Equal(compareWaits ? NvmeStatus.AbortedFailedFused : NvmeStatus.AbortedPreemptAndAbort, (await write.AnswerAsync()).Code);
        Assert.Equal(NvmeStatus.Success, (await preempt.AnswerAsync()).Status);
        Assert.Equal(0, scene.Backend.Submitted);
    }

    [Fact]
    public async Task A_compare_without_its_write_is_ended()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync();
        (HostRequest compare, _) = Commands.Fused(0, new byte[512], new byte[512]);
        scene.A.Send(compare);
        await scene.SettleAsync();
        Assert.Equal(NvmeStatus.Success, await scene.B.DoAsync(PreemptionScene.Preempt()));
        Assert.Equal(NvmeStatus.AbortedPreemptAndAbort, (await compare.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.ReservationConflict, await scene.A.WriteAsync());
    }

    [Fact]
    public async Task A_command_that_waits_for_memory_is_ended()
    {
        await using PreemptionScene scene = await PreemptionScene.CreateAsync(poolLimit: 6 << 20);
        Assert.True(scene.Target.Pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out BufferLease first));
        Assert.True(scene.Target.Pool.Pool.TryRent(1 << 20, BufferPriority.InputOutput, out BufferLease second));
        HostRequest write = scene.A.Send(Commands.Write(0, new byte[512]));
        HostRequest read = scene.A.Send(Commands.Read(0, 1));
        await TestTimeouts.UntilAsync(() => scene.Target.Pool.Pool.Statistics.Waiters == 2, "the commands waiting");
        Assert.Equal(NvmeStatus.Success, await scene.B.DoAsync(PreemptionScene.Preempt()));
        Assert.All([write, read], request => Assert.Equal(NvmeStatus.AbortedPreemptAndAbort, request.Answer.Result.Status));
        first.Release();
        second.Release();
    }

    [Fact]
    public async Task Preemptions_race_with_writes_and_none_lands_behind_an_answer()
    {
        await using var target = new TestTarget();
        var backend = new ShufflingBackend(4 << 20, 512, seed: 1);
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1, target.AddLoop());
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2, target.AddLoop());
        await b.RegisterAsync(2);
        byte[] ones = new byte[4096];
        ones.AsSpan().Fill(1);
        byte[] twos = new byte[4096];
        twos.AsSpan().Fill(2);
        for (int i = 0; i < 200; i++)
        {
            await a.RegisterAsync(1);
            await a.AcquireAsync(1, ReservationType.ExclusiveAccess);
            HostRequest[] writes = [.. Enumerable.Range(0, 16).Select(n => a.Send(Commands.Write((ulong)n * 8, ones, inCapsule: n % 2 == 0)))];
            await b.SucceedAsync(PreemptionScene.Preempt());
            for (int n = 0; n < 16; n++)
            {
                await b.SucceedAsync(Commands.Write((ulong)n * 8, twos));
            }

            foreach (HostRequest write in writes)
            {
                NvmeStatus status = (await write.AnswerAsync()).Code;
                Assert.True(status == NvmeStatus.Success || status == NvmeStatus.ReservationConflict || status == NvmeStatus.AbortedPreemptAndAbort, $"{status}");
            }

            Answer read = await b.Host.IoAsync(b.Io, Commands.Read(0, 128));
            Assert.Equal(-1, read.Data.AsSpan().IndexOfAnyExcept((byte)2));
            await b.SucceedAsync(Release(2, ReservationType.ExclusiveAccess));
        }
    }

    private static HostRequest Withheld(ulong block) =>
        new(Commands.InputOutput(InputOutputOpcode.Write, block, 1)) { HostData = new byte[512], WithholdData = true };
}
