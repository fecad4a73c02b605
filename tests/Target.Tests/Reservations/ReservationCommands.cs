using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Reservation commands as hosts send them.</summary>
public static class ReservationCommands
{
    public static HostRequest Register(
        ulong current, ulong next, ReservationRegisterAction action, bool ignore = false, PersistenceChange persistence = default, uint namespaceId = 1, bool inCapsule = true)
    {
        SubmissionQueueEntry entry = Entry(InputOutputOpcode.ReservationRegister, namespaceId);
        ref ReservationRegisterCommand command = ref ReservationRegisterCommand.Edit(ref entry);
        command.Action = action;
        command.IgnoreExistingKey = ignore;
        command.Persistence = persistence;
        return new HostRequest(entry) { HostData = Keys(current, next), InCapsule = inCapsule };
    }

    public static HostRequest Acquire(
        ulong current, ReservationType type, ReservationAcquireAction action = default, ulong preempt = 0, bool ignore = false, uint namespaceId = 1)
    {
        SubmissionQueueEntry entry = Entry(InputOutputOpcode.ReservationAcquire, namespaceId);
        ref ReservationAcquireCommand command = ref ReservationAcquireCommand.Edit(ref entry);
        command.Action = action;
        command.Type = type;
        command.IgnoreExistingKey = ignore;
        return new HostRequest(entry) { HostData = Keys(current, preempt), InCapsule = true };
    }

    public static HostRequest Release(
        ulong current, ReservationType type, ReservationReleaseAction action = default, bool ignore = false, bool asLinux = false, uint namespaceId = 1)
    {
        SubmissionQueueEntry entry = Entry(InputOutputOpcode.ReservationRelease, namespaceId);
        ref ReservationReleaseCommand command = ref ReservationReleaseCommand.Edit(ref entry);
        command.Action = action;
        command.Type = type;
        command.IgnoreExistingKey = ignore;
        byte[] keys = Keys(current, 0);
        return new HostRequest(entry) { HostData = asLinux ? keys : keys[..8], InCapsule = true };
    }

    public static HostRequest Report(uint length, bool extended = true, uint? described = null, uint namespaceId = 1)
    {
        SubmissionQueueEntry entry = Entry(InputOutputOpcode.ReservationReport, namespaceId);
        ref ReservationReportCommand command = ref ReservationReportCommand.Edit(ref entry);
        command.LengthInBytes = length;
        command.Extended = extended;
        return new HostRequest(entry) { DataLength = described ?? length };
    }

    private static SubmissionQueueEntry Entry(InputOutputOpcode opcode, uint namespaceId) =>
        new() { Opcode = (byte)opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, NamespaceId = namespaceId };

    private static byte[] Keys(ulong first, ulong second)
    {
        var data = new byte[16];
        WireStructure.Write(data, first);
        WireStructure.Write(data.AsSpan(8), second);
        return data;
    }
}
