using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Log page 80h, its event, and features 82h and 83h.</summary>
public class ReservationNotificationTests
{
    private const uint ReservationEvent = 0x0080_0006;

    [Fact]
    public async Task Hosts_are_told_on_each_of_their_controllers()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost a2 = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2);
        ReservingHost c = await ReservingHost.ConnectAsync(target, 3);
        HostRequest[] events = [.. new[] { a, a2, b, c }.Select(host => host.Host.Send(host.Host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest))))];
        await a.RegisterAsync(1);
        await b.RegisterAsync(2);
        await c.RegisterAsync(3);
        await a.AcquireAsync(1, ReservationType.WriteExclusiveRegistrantsOnly);
        Assert.All(events, request => Assert.False(request.IsAnswered));

        // A is unregistered; C stays, and sees another type.
        await b.SucceedAsync(Acquire(2, ReservationType.ExclusiveAccess, ReservationAcquireAction.Preempt, 1));
        Assert.Equal(ReservationEvent, (await events[0].AnswerAsync()).Completion.Dword0);
        Assert.Equal(ReservationEvent, (await events[1].AnswerAsync()).Completion.Dword0);
        Assert.Equal(ReservationEvent, (await events[3].AnswerAsync()).Completion.Dword0);
        await ExpectAsync(a, 1, ReservationNotificationType.RegistrationPreempted);
        await ExpectAsync(a2, 1, ReservationNotificationType.RegistrationPreempted);
        await ExpectAsync(c, 1, ReservationNotificationType.ReservationReleased);
        await ExpectAsync(c, 0, ReservationNotificationType.None);
        await ExpectAsync(b, 0, ReservationNotificationType.None);

        // Not of a reservation that was one host's alone.
        await b.SucceedAsync(Release(2, ReservationType.ExclusiveAccess));
        await b.AcquireAsync(2, ReservationType.ExclusiveAccessAllRegistrants);
        await c.SucceedAsync(Release(3, ReservationType.ExclusiveAccessAllRegistrants));
        await ExpectAsync(c, 0, ReservationNotificationType.None);
        await ExpectAsync(b, 1, ReservationNotificationType.ReservationReleased);
        Assert.Equal(ReservationEvent, (await events[2].AnswerAsync()).Completion.Dword0);

        await b.SucceedAsync(Release(2, default, ReservationReleaseAction.Clear));
        await ExpectAsync(b, 0, ReservationNotificationType.None);
        await ExpectAsync(c, 2, ReservationNotificationType.ReservationPreempted);
    }

    [Theory]
    [InlineData(ReservationType.WriteExclusive, false)]
    [InlineData(ReservationType.WriteExclusiveRegistrantsOnly, true)]
    [InlineData(ReservationType.ExclusiveAccessRegistrantsOnly, true)]
    [InlineData(ReservationType.ExclusiveAccessAllRegistrants, false)]
    public async Task A_holder_that_unregisters(ReservationType type, bool tells)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2);
        await a.RegisterAsync(1);
        await b.RegisterAsync(2);
        await a.AcquireAsync(1, type);
        await a.SucceedAsync(Register(1, 0, ReservationRegisterAction.Unregister));
        await ExpectAsync(b, tells ? 1u : 0, tells ? ReservationNotificationType.ReservationReleased : ReservationNotificationType.None);
    }

    [Fact]
    public async Task An_event_comes_again_when_the_page_was_read_and_not_before()
    {
        await using var target = new TestTarget();
        target.AddMemory(id: 1);
        target.AddMemory(id: 7);
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2);
        await PreemptAsync(a, b, 7);
        HostRequest first = Request(a);
        Assert.Equal(ReservationEvent, (await first.AnswerAsync()).Completion.Dword0);
        HostRequest second = Request(a);
        await PreemptAsync(a, b, 1);
        ReservationNotification one = await a.NotificationAsync(retain: true);
        Assert.Equal((1ul, (byte)1, 7u), (one.Count, one.Available, one.NamespaceId));
        await target.Loop.SettleAsync();
        Assert.False(second.IsAnswered);
        one = await a.NotificationAsync();
        Assert.Equal((1ul, (byte)1, 7u), (one.Count, one.Available, one.NamespaceId));
        ReservationNotification two = await a.NotificationAsync();
        Assert.Equal((2ul, (byte)0, 1u), (two.Count, two.Available, two.NamespaceId));
        Assert.Equal(default, await a.NotificationAsync());
        await PreemptAsync(a, b, 1);
        Assert.Equal(ReservationEvent, (await second.AnswerAsync()).Completion.Dword0);
        Assert.Equal(3ul, (await a.NotificationAsync()).Count);
    }

    [Fact]
    public async Task What_is_more_than_the_queue_holds_is_lost_and_shows()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2);
        for (int i = 0; i < 260; i++)
        {
            await PreemptAsync(a, b, 1);
        }

        for (ulong i = 1; i <= 256; i++)
        {
            ReservationNotification next = await a.NotificationAsync();
            Assert.Equal((i, (byte)(256 - i)), (next.Count, next.Available));
        }

        Assert.Equal(default, await a.NotificationAsync());
        await PreemptAsync(a, b, 1);
        Assert.Equal(261ul, (await a.NotificationAsync()).Count);

        // A reset begins again.
        await PreemptAsync(a, b, 1);
        await a.Host.SetPropertyAsync(PropertyOffset.Configuration, 0);
        await TestTimeouts.UntilAsync(() => a.Io.Closed.IsCompleted, "the reset");
        await a.Host.EnableAsync();
        Assert.Equal(default, await a.NotificationAsync());
    }

    [Fact]
    public async Task Masked_notifications_are_not_kept()
    {
        await using var target = new TestTarget();
        target.AddMemory(id: 1);
        target.AddMemory(id: 2);
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost a2 = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost b = await ReservingHost.ConnectAsync(target, 2);
        await a.Host.SucceedAsync(Mask(2, 1));
        Assert.Equal(2u, await GetMaskAsync(a, 1));
        Assert.Equal(0u, await GetMaskAsync(a, 2));
        Assert.Equal(0u, await GetMaskAsync(a2, 1));
        await PreemptAsync(a, b, 1);
        await PreemptAsync(a, b, 2);
        Assert.Equal(2u, (await a.NotificationAsync()).NamespaceId);
        Assert.Equal(default, await a.NotificationAsync());
        Assert.Equal(1u, (await a2.NotificationAsync()).NamespaceId);

        // Another kind is not masked.
        await a.SucceedAsync(Register(0, 1, ReservationRegisterAction.Register));
        await b.SucceedAsync(Release(2, default, ReservationReleaseAction.Clear));
        Assert.Equal(ReservationNotificationType.ReservationPreempted, (await a.NotificationAsync()).Type);

        await a.Host.SucceedAsync(Mask(0xE, uint.MaxValue));
        Assert.Equal((0xEu, 0xEu), (await GetMaskAsync(a, 1), await GetMaskAsync(a, 2)));
        Assert.True(await target.Subsystem.RemoveNamespaceAsync(2));
        target.AddMemory(id: 2);
        Assert.Equal(0u, await GetMaskAsync(a, 2));
    }

    [Theory]
    [InlineData(FeatureIdentifier.ReservationNotificationMask, 2u)]
    [InlineData(FeatureIdentifier.ReservationPersistence, 0u)]
    public async Task Features_of_reservations_refuse_what_makes_no_sense(FeatureIdentifier feature, uint value)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        TestHost host = (await ReservingHost.ConnectAsync(target, 1)).Host;
        Assert.Equal(NvmeStatus.Success, (await host.AdminAsync(Commands.SetFeatures(feature, value, namespaceId: 1))).Status);
        Assert.Equal(value, (await host.AdminAsync(Commands.GetFeatures(feature, namespaceId: 1))).Completion.Dword0);
        Assert.Equal(0u, (await host.AdminAsync(Commands.GetFeatures(feature, namespaceId: 1, select: FeatureSelect.Default))).Completion.Dword0);
        Assert.Equal(6u, (await host.AdminAsync(Commands.GetFeatures(feature, namespaceId: 1, select: FeatureSelect.SupportedCapabilities))).Completion.Dword0);
        Assert.Equal(NvmeStatus.InvalidField, (await host.AdminAsync(Commands.GetFeatures(feature, namespaceId: uint.MaxValue))).Code);
        Assert.Equal(NvmeStatus.InvalidNamespace, (await host.AdminAsync(Commands.GetFeatures(feature, namespaceId: 0))).Code);
        Assert.Equal(NvmeStatus.InvalidNamespace, (await host.AdminAsync(Commands.GetFeatures(feature, namespaceId: 2))).Code);
        Assert.Equal(NvmeStatus.InvalidNamespace, (await host.AdminAsync(Commands.SetFeatures(feature, value, namespaceId: 0))).Code);
        Assert.Equal(NvmeStatus.InvalidNamespace, (await host.AdminAsync(Commands.SetFeatures(feature, value, namespaceId: 2))).Code);
        Assert.Equal(NvmeStatus.Success, (await host.AdminAsync(Commands.SetFeatures(feature, value, namespaceId: uint.MaxValue))).Code);

        // Nothing persists here, and there is no notification with bit 0.
        Assert.Equal(NvmeStatus.InvalidField, (await host.AdminAsync(Commands.SetFeatures(feature, 1, namespaceId: 1))).Code);
        Assert.Equal(NvmeStatus.InvalidField, (await host.AdminAsync(Commands.SetFeatures(feature, 0x10, namespaceId: 1))).Code);
        Assert.Equal(NvmeStatus.FeatureIdentifierNotSaveable, (await host.AdminAsync(Commands.SetFeatures(feature, 0, namespaceId: 1, save: true))).Code);
    }

    private static HostRequest Request(ReservingHost host) => host.Host.Send(host.Host.Admin, new HostRequest(Commands.Admin(AdminOpcode.AsynchronousEventRequest)));

    private static HostRequest Mask(uint mask, uint namespaceId) => Commands.SetFeatures(FeatureIdentifier.ReservationNotificationMask, mask, namespaceId: namespaceId);

    private static async Task<uint> GetMaskAsync(ReservingHost host, uint namespaceId) =>
        (await host.Host.SucceedAsync(Commands.GetFeatures(FeatureIdentifier.ReservationNotificationMask, namespaceId: namespaceId))).Completion.Dword0;

    private static async Task PreemptAsync(ReservingHost victim, ReservingHost by, uint namespaceId)
    {
        await victim.SucceedAsync(Register(0, 1, ReservationRegisterAction.Register, namespaceId: namespaceId));
        await by.SucceedAsync(Register(0, 2, ReservationRegisterAction.Register, namespaceId: namespaceId));
        await by.SucceedAsync(Acquire(2, ReservationType.WriteExclusive, ReservationAcquireAction.Preempt, 1, namespaceId: namespaceId));
    }

    private static async Task ExpectAsync(ReservingHost host, ulong count, ReservationNotificationType type)
    {
        ReservationNotification notification = await host.NotificationAsync();
        Assert.Equal((count, type), (notification.Count, notification.Type));
    }
}
