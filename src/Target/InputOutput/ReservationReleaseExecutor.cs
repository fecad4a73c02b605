using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Reservation Release.</summary>
internal sealed class ReservationReleaseExecutor : ReservationExecutor
{
    protected override int DataLength => ReservationReleaseData.Size;

    protected override void Change(CommandSlot slot, Namespace ns, SubmissionQueueEntry entry, Identifier128 host)
    {
        ReservationReleaseCommand command = ReservationReleaseCommand.Of(in entry);
        ReservationReleaseData data = WireStructure.Read<ReservationReleaseData>(slot.HostData.Span);
        ReservationChange.Start(slot, ns, aborts: false, state => ReservationRules.Release(state, host, command, data));
    }
}
