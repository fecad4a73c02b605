using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Reservation Register.</summary>
internal sealed class ReservationRegisterExecutor : ReservationExecutor
{
    protected override int DataLength => ReservationRegisterData.Size;

    protected override void Change(CommandSlot slot, Namespace ns, SubmissionQueueEntry entry, Identifier128 host)
    {
        ReservationRegisterCommand command = ReservationRegisterCommand.Of(in entry);
        ReservationRegisterData data = WireStructure.Read<ReservationRegisterData>(slot.HostData.Span);
        ReservationChange.Start(slot, ns, aborts: false, state => ReservationRules.Register(state, host, command, data, ns.Reservations.Limits));
    }
}
