using System.Net;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Multipath;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

/// <summary>Reservations between two hosts over loopback TCP, one of them with several controllers.</summary>
public class ReservationTests
{
    private static readonly Guid First = Guid.Parse("11111111-0000-4000-8000-000000000001");
    private static readonly Guid Second = Guid.Parse("22222222-0000-4000-8000-000000000002");

    [Fact]
    public async Task Two_hosts_share_a_disk()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var one = await fixture.ConnectAsync(OptionsOf(First));
        await using var again = await fixture.ConnectAsync(OptionsOf(First));
        await using var two = await fixture.ConnectAsync(OptionsOf(Second));
        var (disk, path, other) = (await one.OpenNamespaceAsync(1), await again.OpenNamespaceAsync(1), await two.OpenNamespaceAsync(1));
        Assert.Equal(ReservationCapabilities.AllTypes | ReservationCapabilities.IgnoreExistingKey, disk.Identity.ReservationCapabilities);

        await disk.RegisterReservationKeyAsync(0xA);
        await other.RegisterReservationKeyAsync(0xB);
        await disk.AcquireReservationAsync(ReservationType.WriteExclusive, 0xA);
        await path.WriteAsync(0, new byte[512]);
        await other.ReadAsync(0, new byte[512]);
        await ExpectAsync(NvmeStatus.ReservationConflict, other.WriteAsync(0, new byte[512]));
        await ExpectAsync(NvmeStatus.ReservationConflict, other.AcquireReservationAsync(ReservationType.WriteExclusive, 0xB));
        var status = await other.GetReservationAsync();
        Assert.Equal((ReservationType.WriteExclusive, 2u, false), (status.Type, status.Generation, status.PersistsThroughPowerLoss));
        Assert.Equal(
            [new NvmeReservationRegistrant(First, 0xA, true, one.ControllerId), new NvmeReservationRegistrant(Second, 0xB, false, two.ControllerId)], status.Registrants);

        await disk.ReplaceReservationKeyAsync(0xA, 0xC);
        await disk.ReplaceReservationKeyAsync(null, 0xD);
        await ExpectAsync(NvmeStatus.ReservationConflict, disk.ReplaceReservationKeyAsync(0xA, 0xE));
        await other.PreemptReservationAsync(ReservationType.ExclusiveAccessRegistrantsOnly, 0xB, 0xD);
        await ExpectAsync(NvmeStatus.ReservationConflict, path.ReadAsync(0, new byte[512]));
        var told = await ReadEventAsync(one);
        Assert.Equal((AsynchronousEventType.CommandSet, LogPageIdentifier.ReservationNotification), (told.Type, told.LogPage));
        var notification = await one.ReadReservationNotificationAsync();
        Assert.Equal((ReservationNotificationType.RegistrationPreempted, 1u, 1ul), (notification!.Value.Type, notification.Value.NamespaceId, notification.Value.Count));
        Assert.Null(await one.ReadReservationNotificationAsync());

        await disk.RegisterReservationKeyAsync(1);
        await path.WriteAsync(0, new byte[512]);
        await other.ReleaseReservationAsync(ReservationType.ExclusiveAccessRegistrantsOnly, 0xB);
        await disk.UnregisterReservationKeyAsync(null);
        await other.ClearReservationAsync(0xB);
        Assert.Empty((await disk.GetReservationAsync()).Registrants);
        await one.SetReservationNotificationMaskAsync(ReservationNotificationMask.RegistrationPreempted);
        Assert.Equal(2u, await one.GetFeatureAsync(FeatureIdentifier.ReservationNotificationMask, 1));
        await ExpectAsync(NvmeStatus.InvalidField, disk.RegisterReservationKeyAsync(1, PersistenceChange.Set));
    }

    [Fact]
    public async Task Preempt_and_abort_ends_what_the_other_host_has_under_way()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var one = await fixture.ConnectAsync(OptionsOf(First));
        await using var two = await fixture.ConnectAsync(OptionsOf(Second));
        var (disk, other) = (await one.OpenNamespaceAsync(1), await two.OpenNamespaceAsync(1));
        await disk.RegisterReservationKeyAsync(1);
        await other.RegisterReservationKeyAsync(2);
        await disk.AcquireReservationAsync(ReservationType.ExclusiveAccess, 1);
        fixture.Disk.Hold();
        var read = disk.ReadAsync(0, new byte[4096]).AsTask();
        var write = disk.WriteAsync(8, new byte[65536]).AsTask();
        await Eventually.IsTrueAsync(() => fixture.Disk.Held == 2, "the commands are not at the disk");
        var preempt = other.PreemptReservationAsync(ReservationType.ExclusiveAccess, 2, 1, abortCommands: true).AsTask();
        await ExpectAsync(NvmeStatus.AbortedPreemptAndAbort, new ValueTask(read));
        Assert.False(preempt.IsCompleted);
        fixture.Disk.GoOn();
        await preempt.WaitAsync(TargetFixture.Patience);
        await write.WaitAsync(TargetFixture.Patience);
        await ExpectAsync(NvmeStatus.ReservationConflict, disk.WriteAsync(8, new byte[512]));
    }

    [Fact]
    public async Task A_host_with_several_paths_is_one_registrant()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var subsystem = await fixture.Host.ConnectSubsystemAsync(
            [fixture.EndPoint, new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)fixture.EndPoint).Port)], new NvmeMultipathOptions { Connect = OptionsOf(First) });
        await Eventually.IsTrueAsync(() => fixture.Subsystem.Controllers.Count == 2, "there is only one path");
        var disk = await subsystem.OpenNamespaceAsync(1);
        await using var two = await fixture.ConnectAsync(OptionsOf(Second));
        var other = await two.OpenNamespaceAsync(1);
        await disk.RegisterReservationKeyAsync(1);
        await disk.AcquireReservationAsync(ReservationType.ExclusiveAccess, 1);
        for (var i = 0; i < 8; i++)
        {
            await disk.WriteAsync((ulong)i, new byte[512]);
            await ExpectAsync(NvmeStatus.ReservationConflict, other.ReadAsync(0, new byte[512]));
        }

        Assert.Single((await disk.GetReservationAsync()).Registrants);
    }

    [Fact]
    public async Task More_registrants_than_the_first_question_has_room_for()
    {
        await using var fixture = await TargetFixture.StartAsync();
        const int Hosts = 80;
        for (var i = 1; i <= Hosts; i++)
        {
            await using var controller = await fixture.ConnectAsync(OptionsOf(new Guid(i, 0, 0, new byte[8])));
            await (await controller.OpenNamespaceAsync(1)).RegisterReservationKeyAsync((ulong)i);
        }

        await using var last = await fixture.ConnectAsync(OptionsOf(First));
        var status = await (await last.OpenNamespaceAsync(1)).GetReservationAsync();
        Assert.Equal(Enumerable.Range(1, Hosts).Select(static i => (ulong)i), status.Registrants.Select(static registrant => registrant.Key));
    }

    [Fact]
    public async Task A_controller_that_counts_more_registrants_than_it_can_tell_of()
    {
        await using var controller = ScriptedController.Start();
        var asked = 0;
        controller.OnCommand = (_, command) =>
        {
            var data = new byte[command.DataLength];
            switch (command.Entry.Opcode)
            {
                case (byte)AdminOpcode.Identify when IdentifyCommand.Of(in command.Entry).Cns == IdentifyCns.Namespace:
                    WireStructure.Write(data, new IdentifyNamespace { NamespaceSize = 8, LbaFormat0 = new LbaFormat { DataSize = 9 } });
                    break;
                case (byte)InputOutputOpcode.ReservationReport:
                    asked++;
                    WireStructure.Write(data, new ReservationStatusHeader { Registrants = ushort.MaxValue, Type = (ReservationType)77 });
                    break;
                default:
                    return false;
            }

            controller.CompleteWith(command, data);
            return true;
        };
        await using var connected = await controller.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = "nqn.test", QueueCount = 1, KeepAlive = TimeSpan.Zero });
        var disk = await connected.OpenNamespaceAsync(1);
        await Assert.ThrowsAsync<InvalidDataException>(() => disk.GetReservationAsync().AsTask()).WaitAsync(TargetFixture.Patience);
        Assert.InRange(asked, 2, 20);
    }

    private static NvmeConnectOptions OptionsOf(Guid host) => TargetFixture.NewConnectOptions() with { HostId = host };

    private static async Task<AsynchronousEventResult> ReadEventAsync(NvmeController controller)
    {
        using var deadline = new CancellationTokenSource(TargetFixture.Patience);
        return await controller.Events.ReadAsync(deadline.Token);
    }

    private static async Task ExpectAsync(NvmeStatus expected, ValueTask command)
    {
        var error = await Assert.ThrowsAsync<NvmeException>(() => command.AsTask()).WaitAsync(TargetFixture.Patience);
        Assert.True(error.Status.IsSameCode(expected), error.Message);
    }
}
