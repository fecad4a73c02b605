using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Reservation Acquire and Reservation Release; what they may do in which state is in <see cref="ReservationModelTests"/>.</summary>
public class AcquisitionTests
{
    [Fact]
    public async Task Bad_commands_are_refused()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        await host.RegisterAsync(1);
        foreach (int type in (int[])[0, 7, 8, 255])
        {
            await host.FailAsync(NvmeStatus.InvalidField, Acquire(1, (ReservationType)type));
        }

        for (byte action = 3; action < 8; action++)
        {
            await host.FailAsync(NvmeStatus.InvalidField, Acquire(1, ReservationType.WriteExclusive, (ReservationAcquireAction)action));
        }

        await host.FailAsync(NvmeStatus.InvalidField, Acquire(1, ReservationType.WriteExclusive, ignore: true));
        await host.FailAsync(NvmeStatus.ReservationConflict, Acquire(2, ReservationType.WriteExclusive));
        HostRequest good = Acquire(1, ReservationType.WriteExclusive);
        await host.FailAsync(NvmeStatus.DataSglLengthInvalid, new HostRequest(good.Entry) { HostData = new byte[8] });
        Assert.Equal(ReservationType.None, (await host.ReportAsync()).Header.Type);

        await host.SucceedAsync(good);
        await host.FailAsync(NvmeStatus.ReservationConflict, Release(2, ReservationType.WriteExclusive));
        await host.FailAsync(NvmeStatus.InvalidField, Release(1, ReservationType.WriteExclusive, ignore: true));
        await host.FailAsync(NvmeStatus.InvalidField, Release(1, ReservationType.ExclusiveAccess));
        await host.FailAsync(NvmeStatus.InvalidField, Release(1, ReservationType.None));
        for (byte action = 2; action < 8; action++)
        {
            await host.FailAsync(NvmeStatus.InvalidField, Release(1, ReservationType.WriteExclusive, (ReservationReleaseAction)action));
        }

        HostRequest release = Release(1, ReservationType.WriteExclusive);
        foreach (uint length in (uint[])[0, 4, 12, 24])
        {
            await host.FailAsync(NvmeStatus.DataSglLengthInvalid, new HostRequest(release.Entry) { HostData = new byte[length] });
        }

        Assert.Equal(ReservationType.WriteExclusive, (await host.ReportAsync()).Header.Type);
        await host.SucceedAsync(Release(1, ReservationType.WriteExclusive, asLinux: true));
        Assert.Equal(ReservationType.None, (await host.ReportAsync()).Header.Type);
    }

    [Theory]
    [InlineData(ReservationType.WriteExclusive)]
    [InlineData(ReservationType.ExclusiveAccess)]
    [InlineData(ReservationType.WriteExclusiveRegistrantsOnly)]
    [InlineData(ReservationType.ExclusiveAccessRegistrantsOnly)]
    [InlineData(ReservationType.WriteExclusiveAllRegistrants)]
    [InlineData(ReservationType.ExclusiveAccessAllRegistrants)]
    public async Task Every_command_by_everybody(ReservationType type)
    {
        await using var target = new TestTarget();
        target.Subsystem.AddNamespace(new NamespaceOptions(), new GatedBackend());
        target.AddMemory();
        ReservingHost holder = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost registrant = await ReservingHost.ConnectAsync(target, 2);
        ReservingHost stranger = await ReservingHost.ConnectAsync(target, 3);
        await holder.RegisterAsync(1);
        await registrant.RegisterAsync(2);
        await holder.AcquireAsync(1, type);

        // Figures 645 and 646 of NVMe Base 2.1, and 136 of the NVM Command Set.
        bool alone = type is ReservationType.WriteExclusive or ReservationType.ExclusiveAccess;
        bool everybodyReads = ((int)type & 1) == 1;
        await ExpectAsync(holder, reads: true, writes: true);
        await ExpectAsync(registrant, reads: !alone || everybodyReads, writes: !alone);
        await ExpectAsync(stranger, reads: everybodyReads, writes: false);

        // What is not about the blocks is not refused.
        await stranger.SucceedAsync(Report(4096));
        Assert.Equal(NvmeStatus.Success, (await stranger.Host.AdminAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Status);
        Assert.Equal(NvmeStatus.Success, await stranger.DoAsync(Commands.Write(0, new byte[512], namespaceId: 2)));

        await holder.SucceedAsync(Release(1, type));
        await ExpectAsync(stranger, reads: true, writes: true);
    }

    private static async Task ExpectAsync(ReservingHost host, bool reads, bool writes)
    {
        var block = new byte[512];
        await CheckAsync(host, Commands.Read(0, 1), reads);
        await CheckAsync(host, Commands.Compare(0, block), reads);
        await CheckAsync(host, new HostRequest(Commands.InputOutput(InputOutputOpcode.Verify, 0, 8)), reads);
        await CheckAsync(host, Commands.Write(0, block), writes);
        await CheckAsync(host, Commands.Write(0, block, inCapsule: true), writes);
        await CheckAsync(host, new HostRequest(Commands.InputOutput(InputOutputOpcode.WriteZeroes, 0, 8)), writes);
        await CheckAsync(host, Commands.DatasetManagement((0, 8)), writes);
        await CheckAsync(host, Commands.Copy(64, (0, 8)), writes);
        await CheckAsync(host, Commands.Flush(), writes);
        await CheckAsync(host, Commands.Flush(NamespaceIdentifiers.Broadcast), writes);
        (HostRequest compare, HostRequest write) = Commands.Fused(0, block, block);
        host.Send(compare);
        host.Send(write);
        Assert.Equal(writes ? NvmeStatus.Success : NvmeStatus.AbortedFailedFused, (await compare.AnswerAsync()).Code);
        Assert.Equal(writes ? NvmeStatus.Success : NvmeStatus.ReservationConflict, (await write.AnswerAsync()).Code);
    }

    private static async Task CheckAsync(ReservingHost host, HostRequest request, bool allowed)
    {
        Answer answer = await host.Host.IoAsync(host.Io, request);
        Assert.True(
            answer.Status == (allowed ? NvmeStatus.Success : NvmeStatus.ReservationConflict.WithDoNotRetry()), $"{(InputOutputOpcode)request.Entry.Opcode}: {answer.Status}");
    }

    [Fact]
    public async Task A_command_that_has_begun_meets_no_later_reservation()
    {
        await using var target = new TestTarget();
        var backend = new GatedBackend();
        target.Subsystem.AddNamespace(new NamespaceOptions(), backend);
        ReservingHost holder = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost other = await ReservingHost.ConnectAsync(target, 2);
        await holder.RegisterAsync(1);
        HostRequest write = other.Send(new HostRequest(Commands.InputOutput(InputOutputOpcode.Write, 0, 1)) { HostData = new byte[512], WithholdData = true });
        backend.Hold = true;
        HostRequest copy = other.Send(Commands.Copy(4096, (0, 1024)));
        await TestTimeouts.UntilAsync(() => backend.Held == 1, "the copy at the back end");
        await holder.AcquireAsync(1, ReservationType.ExclusiveAccess);
        backend.Hold = false;
        backend.Release();
        other.Io.DeliverData(write);
        Assert.Equal(NvmeStatus.Success, (await copy.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, (await write.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.ReservationConflict, await other.WriteAsync());
    }

    [Fact]
    public async Task What_is_sent_after_the_answer_is_judged_by_the_new_state()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1, target.AddLoop());
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2, target.AddLoop());
        await a.RegisterAsync(1);
        for (int i = 0; i < 500; i++)
        {
            await a.AcquireAsync(1, ReservationType.ExclusiveAccess);
            Assert.Equal(NvmeStatus.ReservationConflict, await b.ReadAsync());
            await a.SucceedAsync(Release(1, ReservationType.ExclusiveAccess));
            Assert.Equal(NvmeStatus.Success, await b.ReadAsync());
        }
    }
}
