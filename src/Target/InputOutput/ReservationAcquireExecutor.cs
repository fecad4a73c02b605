using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Reservation Acquire.</summary>
internal sealed class ReservationAcquireExecutor : ReservationExecutor
{
    protected override int DataLength => ReservationAcquireData.Size;

    protected override void Change(CommandSlot slot, Namespace ns, SubmissionQueueEntry entry, Identifier128 host)
    {
        ReservationAcquireCommand command = ReservationAcquireCommand.Of(in entry);
        ReservationAcquireData data = WireStructure.Read<ReservationAcquireData>(slot.HostData.Span);
        ReservationChange.Start(slot, ns, aborts: command.Action == ReservationAcquireAction.PreemptAndAbort, state => ReservationRules.Acquire(state, host, command, data));
    }
}
