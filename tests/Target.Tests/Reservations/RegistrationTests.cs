using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Reservation Register and Reservation Report.</summary>
public class RegistrationTests
{
    [Fact]
    public async Task What_is_there_is_announced()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        IdentifyController controller = WireStructure.Read<IdentifyController>((await host.Host.AdminAsync(Commands.Identify(IdentifyCns.Controller))).Data);
        Assert.True(controller.OptionalNvmCommands.HasFlag(OptionalNvmCommands.Reservations));
        Assert.True(controller.Attributes.HasFlag(ControllerAttributes.ReservationsNeedHostIdentifier));
        byte[] ns = (await host.Host.AdminAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Data;
        byte[] independent = (await host.Host.AdminAsync(Commands.Identify(IdentifyCns.IndependentNamespace, 1))).Data;
        Assert.Equal(0xFE, ns[31]);
        Assert.Equal(0xFE, independent[2]);
        Assert.Equal(1, ns[30]);
        byte[] effects = (await host.Host.AdminAsync(Commands.GetLog(LogPageIdentifier.CommandsSupportedAndEffects, 4096))).Data;
        foreach (InputOutputOpcode opcode in (InputOutputOpcode[])[InputOutputOpcode.ReservationRegister, InputOutputOpcode.ReservationReport, InputOutputOpcode.ReservationAcquire, InputOutputOpcode.ReservationRelease])
        {
            Assert.Equal(1u, WireStructure.Read<uint>(effects.AsSpan(1024 + ((int)opcode * 4))));
        }
    }

    [Fact]
    public async Task A_host_registers_once_whatever_controller_it_uses()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost first = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost again = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost other = await ReservingHost.ConnectAsync(target, 2);
        await first.RegisterAsync(0xA);
        await again.RegisterAsync(0xA);
        await again.FailAsync(NvmeStatus.ReservationConflict, Register(0xA, 0xB, ReservationRegisterAction.Register));
        await again.FailAsync(NvmeStatus.ReservationConflict, Register(0xA, 0xB, ReservationRegisterAction.Register, ignore: true));
        await other.RegisterAsync(0xA);
        (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await other.ReportAsync();
        Assert.Equal((3u, ReservationType.None, (byte)0), (header.Generation, header.Type, header.PersistThroughPowerLoss));
        Assert.Equal([(first.Id, 0xAul, first.Host.ControllerId, false), (other.Id, 0xAul, other.Host.ControllerId, false)], registrants.Select(Describe));
    }

    [Fact]
    public async Task Keys_are_replaced_and_given_up_by_who_knows_them()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        await host.FailAsync(NvmeStatus.ReservationConflict, Register(0, 1, ReservationRegisterAction.Replace));
        await host.FailAsync(NvmeStatus.ReservationConflict, Register(0, 0, ReservationRegisterAction.Unregister));
        await host.RegisterAsync(1);
        await host.FailAsync(NvmeStatus.ReservationConflict, Register(2, 3, ReservationRegisterAction.Replace));
        await host.FailAsync(NvmeStatus.ReservationConflict, Register(2, 0, ReservationRegisterAction.Unregister));
        await host.SucceedAsync(Register(1, 3, ReservationRegisterAction.Replace));
        await host.SucceedAsync(Register(99, 4, ReservationRegisterAction.Replace, ignore: true));
        Assert.Equal(4ul, Assert.Single((await host.ReportAsync()).Registrants).Key);
        await host.SucceedAsync(Register(99, 0, ReservationRegisterAction.Unregister, ignore: true));
        Assert.Empty((await host.ReportAsync()).Registrants);

        // Without a key there is none to look at.
        await host.SucceedAsync(Register(99, 0, ReservationRegisterAction.Unregister, ignore: true));
        await host.SucceedAsync(Register(99, 5, ReservationRegisterAction.Replace, ignore: true));
        (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await host.ReportAsync();
        Assert.Equal((6u, 5ul), (header.Generation, Assert.Single(registrants).Key));
    }

    [Fact]
    public async Task Registrations_outlive_controllers_and_resets()
    {
        await using var target = new TestTarget();
        Namespace ns = target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost other = await ReservingHost.ConnectAsync(target, 2);
        await host.RegisterAsync(0x11);
        await host.AcquireAsync(0x11, ReservationType.ExclusiveAccess);
        await host.Host.SetPropertyAsync(PropertyOffset.Configuration, 0);
        await host.Host.CloseAsync();
        Assert.Equal(NvmeStatus.ReservationConflict, await other.ReadAsync());
        (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await other.ReportAsync();
        Assert.Equal(ReservationType.ExclusiveAccess, header.Type);
        Assert.Equal((host.Id, 0x11ul, ControllerIdentifiers.Dynamic, true), Describe(Assert.Single(registrants)));
        ReservationInfo info = ns.Reservation;
        Assert.Equal((ReservationType.ExclusiveAccess, 1u, new ReservationRegistrantInfo(host.Id, 0x11, true)), (info.Type, info.Generation, Assert.Single(info.Registrants)));
        host = await ReservingHost.ConnectAsync(target, 1);
        Assert.Equal(NvmeStatus.Success, await host.WriteAsync());
    }

    [Fact]
    public async Task A_removed_namespace_takes_its_reservation_along()
    {
        await using var target = new TestTarget();
        target.AddMemory(id: 1);
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        ReservingHost other = await ReservingHost.ConnectAsync(target, 2);
        await host.RegisterAsync(1);
        await host.AcquireAsync(1, ReservationType.ExclusiveAccess);
        Assert.True(await target.Subsystem.RemoveNamespaceAsync(1));
        await host.FailAsync(NvmeStatus.InvalidNamespace, Register(0, 1, ReservationRegisterAction.Register));
        target.AddMemory(id: 1);
        Assert.Equal(NvmeStatus.Success, await other.WriteAsync());
        Assert.Empty((await host.ReportAsync()).Registrants);
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(8u)]
    [InlineData(24u)]
    [InlineData(64u)]
    [InlineData(100u)]
    [InlineData(128u)]
    [InlineData(8192u)]
    public async Task A_report_is_as_long_as_the_host_asks(uint length)
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        await host.RegisterAsync(0x0102_0304_0506_0708);
        await host.AcquireAsync(0x0102_0304_0506_0708, ReservationType.WriteExclusiveAllRegistrants);
        byte[] whole = new byte[8192];
        whole[0] = 1;
        whole[4] = 5;
        whole[5] = 1;
        WireStructure.Write(whole.AsSpan(64), host.Host.ControllerId);
        whole[66] = 1;
        WireStructure.Write(whole.AsSpan(72), 0x0102_0304_0506_0708ul);
        new Identifier128(host.Id).CopyTo(whole.AsSpan(80));
        Answer answer = await host.Host.IoAsync(host.Io, Report(length));
        Assert.Equal(whole.AsSpan(0, (int)length), answer.Data.AsSpan());
    }

    [Fact]
    public async Task Bad_reports_are_refused()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        await host.FailAsync(NvmeStatus.HostIdentifierInconsistentFormat, Report(4096, extended: false));
        await host.FailAsync(NvmeStatus.DataSglLengthInvalid, Report(4096, described: 64));
        await host.FailAsync(NvmeStatus.DataSglLengthInvalid, Report(64, described: 4096));
        await host.FailAsync(NvmeStatus.DataSglLengthInvalid, Report(64, described: 0));
        HostRequest largest = Report(4096);
        largest.Entry.Dword10 = uint.MaxValue;
        await host.FailAsync(NvmeStatus.InvalidField, largest);
        await host.FailAsync(NvmeStatus.InvalidField, Report((1 << 20) + 4, described: (1 << 20) + 4));
        await host.SucceedAsync(Report(1 << 20));
        await host.FailAsync(NvmeStatus.InvalidNamespace, Report(64, namespaceId: 2));
        await host.FailAsync(NvmeStatus.InvalidNamespace, Report(64, namespaceId: uint.MaxValue));
    }

    [Fact]
    public async Task A_host_without_an_identifier_can_reserve_nothing()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost nobody = await ReservingHost.ConnectAsync(target, 0);
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        await nobody.FailAsync(NvmeStatus.HostIdentifierNotInitialized, Register(0, 1, ReservationRegisterAction.Register));
        await nobody.FailAsync(NvmeStatus.HostIdentifierNotInitialized, Acquire(0, ReservationType.WriteExclusive));
        await nobody.FailAsync(NvmeStatus.HostIdentifierNotInitialized, Release(0, ReservationType.WriteExclusive));
        await nobody.FailAsync(NvmeStatus.HostIdentifierNotInitialized, Report(4096));
        await host.RegisterAsync(1);
        await host.AcquireAsync(1, ReservationType.WriteExclusiveRegistrantsOnly);
        Assert.Equal(NvmeStatus.ReservationConflict, await nobody.WriteAsync());
        Assert.Equal(NvmeStatus.Success, await nobody.ReadAsync());
    }

    [Fact]
    public async Task Bad_registrations_change_nothing()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
        for (byte action = 3; action < 8; action++)
        {
            await host.FailAsync(NvmeStatus.InvalidField, Register(0, 1, (ReservationRegisterAction)action));
        }

        await host.FailAsync(NvmeStatus.InvalidField, Register(0, 1, ReservationRegisterAction.Register, persistence: (PersistenceChange)1));
        await host.FailAsync(NvmeStatus.InvalidField, Register(0, 1, ReservationRegisterAction.Register, persistence: PersistenceChange.Set));
        foreach (uint length in (uint[])[0, 4, 8, 12, 15, 17, 4096])
        {
            HostRequest good = Register(0, 1, ReservationRegisterAction.Register);
            await host.FailAsync(NvmeStatus.DataSglLengthInvalid, new HostRequest(good.Entry) { HostData = new byte[length] });
        }

        (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await host.ReportAsync();
        Assert.Equal(0u, header.Generation);
        Assert.Empty(registrants);
        await host.SucceedAsync(Register(0, 1, ReservationRegisterAction.Register, persistence: PersistenceChange.Clear, inCapsule: false));
        Assert.Single((await host.ReportAsync()).Registrants);
    }

    [Fact]
    public async Task There_is_a_limit_and_room_again_when_one_leaves()
    {
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost last = await ReservingHost.ConnectAsync(target, 1_000_000);
        await last.RegisterAsync(1);
        for (int i = 1; i < 4096; i++)
        {
            ReservingHost host = await ReservingHost.ConnectAsync(target, i);
            await host.RegisterAsync((ulong)i);
            await host.Host.CloseAsync();
        }

        ReservingHost late = await ReservingHost.ConnectAsync(target, 5000);
        await late.FailAsync(NvmeStatus.InternalError, Register(0, 1, ReservationRegisterAction.Register));
        Assert.Equal(4096, (await late.ReportAsync(64 + (4096 * 64))).Registrants.Length);
        await last.SucceedAsync(Register(1, 0, ReservationRegisterAction.Unregister));
        await late.RegisterAsync(1);
    }

    private static (Guid Host, ulong Key, ushort Controller, bool Holds) Describe(ReservationRegistrantEntry entry) =>
        (entry.HostId.ToGuid(), entry.Key, entry.ControllerId, entry.HoldsReservation);
}
