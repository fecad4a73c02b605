using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Reservation Report: as much of the extended status as the host has room for; what lies behind its end reads as zeroes.</summary>
internal sealed class ReservationReportExecutor : BlockExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!ReservationExecutor.TryFindReservable(slot, entry.NamespaceId, out Namespace ns))
        {
            return;
        }

        ref readonly ReservationReportCommand command = ref ReservationReportCommand.Of(in entry);
        ulong length = command.LengthInBytes;
        if (!command.Extended)
        {
            slot.Reject(NvmeStatus.HostIdentifierInconsistentFormat);
        }
        else if (length > slot.Queue.MaxDataTransferSize)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (slot.Command.DataLength != length)
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
        else if (slot.EnsureBuffer((int)length))
        {
            byte[] status = Describe(slot.Queue.ConnectedController.Subsystem!, ns.Reservations.State);
            Span<byte> destination = slot.Buffer.Span;
            int copied = Math.Min(status.Length, destination.Length);
            status.AsSpan(0, copied).CopyTo(destination);
            destination[copied..].Clear();
            slot.SucceedWithBuffer();
        }
    }

    private static byte[] Describe(Subsystem subsystem, ReservationState state)
    {
        Dictionary<Identifier128, ushort> controllers = [];
        foreach (Controller controller in subsystem.ControllerTable.Snapshot())
        {
            bool known = controllers.TryGetValue(controller.HostId, out ushort id);
            controllers[controller.HostId] = known ? Math.Min(id, controller.Id) : controller.Id;
        }

        var status = new byte[ReservationStatusHeader.Size + (state.Registrants.Length * ReservationRegistrantEntry.Size)];
        WireStructure.Write(status, new ReservationStatusHeader
        {
            Generation = state.Generation,
            Type = state.Type,
            Registrants = (ushort)state.Registrants.Length,
            PersistThroughPowerLoss = state.PersistsThroughPowerLoss ? (byte)1 : (byte)0,
        });
        Span<ReservationRegistrantEntry> entries = MemoryMarshal.Cast<byte, ReservationRegistrantEntry>(status.AsSpan(ReservationStatusHeader.Size));
        for (int i = 0; i < entries.Length; i++)
        {
            ReservationRegistrant registrant = state.Registrants[i];
            entries[i] = new ReservationRegistrantEntry
            {
                ControllerId = controllers.GetValueOrDefault(registrant.Host, ControllerIdentifiers.Dynamic),
                Key = registrant.Key,
                HostId = registrant.Host,
                HoldsReservation = state.IsHeldBy(registrant.Host),
            };
        }

        return status;
    }
}
