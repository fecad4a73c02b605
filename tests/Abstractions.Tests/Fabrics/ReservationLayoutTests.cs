using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

// Offsets, sizes and bits as in the figures of NVMe Base 2.2, 7.5 to 7.8 and 5.1.12.1.32.
public class ReservationLayoutTests
{
    [Fact]
    public void Fields_of_the_data()
    {
        var register = new StructureLayout<ReservationRegisterData>(16);
        register.Expect(nameof(ReservationRegisterData.CurrentKey), offset: 0, size: 8);
        register.Expect(nameof(ReservationRegisterData.NewKey), offset: 8, size: 8);
        var acquire = new StructureLayout<ReservationAcquireData>(16);
        acquire.Expect(nameof(ReservationAcquireData.CurrentKey), offset: 0, size: 8);
        acquire.Expect(nameof(ReservationAcquireData.PreemptKey), offset: 8, size: 8);
        new StructureLayout<ReservationReleaseData>(8).Expect(nameof(ReservationReleaseData.CurrentKey), offset: 0, size: 8);
    }

    [Fact]
    public void Fields_of_the_status()
    {
        var header = new StructureLayout<ReservationStatusHeader>(64);
        header.Expect(nameof(ReservationStatusHeader.Generation), offset: 0, size: 4);
        header.Expect(nameof(ReservationStatusHeader.Type), offset: 4, size: 1);
        header.Expect(nameof(ReservationStatusHeader.PersistThroughPowerLoss), offset: 9, size: 1);
        var bytes = new ReservationStatusHeader { Registrants = 0x1234 };
        Assert.Equal((byte)0x34, WireStructure.AsBytes(in bytes)[5]);
        Assert.Equal((byte)0x12, WireStructure.AsBytes(in bytes)[6]);
        Assert.Equal(0x1234, bytes.Registrants);

        var entry = new StructureLayout<ReservationRegistrantEntry>(64);
        entry.Expect(nameof(ReservationRegistrantEntry.ControllerId), offset: 0, size: 2);
        entry.Expect(nameof(ReservationRegistrantEntry.Key), offset: 8, size: 8);
        entry.Expect(nameof(ReservationRegistrantEntry.HostId), offset: 16, size: 16);
        var holder = new ReservationRegistrantEntry { HoldsReservation = true };
        Assert.Equal((byte)1, WireStructure.AsBytes(in holder)[2]);
        holder.HoldsReservation = false;
        Assert.Equal(-1, WireStructure.AsBytes(in holder).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Fields_of_the_notification()
    {
        var layout = new StructureLayout<ReservationNotification>(64);
        layout.Expect(nameof(ReservationNotification.Count), offset: 0, size: 8);
        layout.Expect(nameof(ReservationNotification.Type), offset: 8, size: 1);
        layout.Expect(nameof(ReservationNotification.Available), offset: 9, size: 1);
        layout.Expect(nameof(ReservationNotification.NamespaceId), offset: 12, size: 4);
    }

    [Fact]
    public void Register()
    {
        SubmissionQueueEntry entry = default;
        ref ReservationRegisterCommand command = ref ReservationRegisterCommand.Edit(ref entry);
        command.NamespaceId = 7;
        command.Action = ReservationRegisterAction.Replace;
        command.IgnoreExistingKey = true;
        command.Persistence = PersistenceChange.Set;
        Assert.Equal((7u, 0xC000_000Au), (entry.NamespaceId, entry.Dword10));
        command.Persistence = PersistenceChange.Clear;
        command.IgnoreExistingKey = false;
        Assert.Equal(0x8000_0002u, entry.Dword10);
        entry.Dword10 = uint.MaxValue;
        ref readonly ReservationRegisterCommand view = ref ReservationRegisterCommand.Of(in entry);
        Assert.Equal((7, true, 3), ((int)view.Action, view.IgnoreExistingKey, (int)view.Persistence));
    }

    [Fact]
    public void Acquire_and_release()
    {
        SubmissionQueueEntry entry = default;
        ref ReservationAcquireCommand acquire = ref ReservationAcquireCommand.Edit(ref entry);
        acquire.Action = ReservationAcquireAction.PreemptAndAbort;
        acquire.Type = ReservationType.ExclusiveAccessAllRegistrants;
        Assert.Equal(0x0602u, entry.Dword10);
        acquire.IgnoreExistingKey = true;
        Assert.Equal(0x060Au, entry.Dword10);
        entry.Dword10 = uint.MaxValue;
        Assert.Equal((7, 255, true), ((int)acquire.Action, (int)acquire.Type, acquire.IgnoreExistingKey));

        entry = default;
        ref ReservationReleaseCommand release = ref ReservationReleaseCommand.Edit(ref entry);
        release.Action = ReservationReleaseAction.Clear;
        release.Type = ReservationType.WriteExclusive;
        release.IgnoreExistingKey = true;
        Assert.Equal(0x0109u, entry.Dword10);
        release.IgnoreExistingKey = false;
        Assert.Equal((ReservationReleaseAction.Clear, false), (ReservationReleaseCommand.Of(in entry).Action, ReservationReleaseCommand.Of(in entry).IgnoreExistingKey));
    }

    [Fact]
    public void Report()
    {
        SubmissionQueueEntry entry = default;
        ref ReservationReportCommand command = ref ReservationReportCommand.Edit(ref entry);
        command.LengthInBytes = 4096;
        command.Extended = true;
        Assert.Equal((1023u, 1u), (entry.Dword10, entry.Dword11));
        command.Extended = false;
        Assert.Equal(0u, entry.Dword11);
        entry.Dword10 = uint.MaxValue;
        Assert.Equal(1ul << 34, ReservationReportCommand.Of(in entry).LengthInBytes);
    }
}
