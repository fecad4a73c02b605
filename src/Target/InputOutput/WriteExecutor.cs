using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Write. Data of the capsule go to the back end from where they are.</summary>
internal sealed class WriteExecutor : BlockExecutor
{
    // DTYPE, bits 23:20 of dword 12: directives are not announced.
    private const ushort DirectiveTypeMask = 0x00F0;

    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindWritableRange(slot, in entry, out Namespace ns) || !IsAdmitted(slot, ns, ReservationAccess.Write))
        {
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        if ((command.Control & DirectiveTypeMask) != 0)
        {
            slot.Reject(NvmeStatus.InvalidField);
        }
        else if (HasLengthOf(slot, ns, command.Blocks))
        {
            slot.ReceiveHostData();
        }
    }

    public override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        // Again: the namespace may have gone or shrunk while the data was on its way.
        if (!TryFindWritableRange(slot, in entry, out Namespace ns))
        {
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        slot.ForceUnitAccess = MustBeDurable(slot, command.ForceUnitAccess);
        if (slot.Submit(ns, BackendOperation.Write, command.StartingLba, command.Blocks, slot.HostData, out NvmeStatus status))
        {
            End(slot, status);
        }
    }

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => End(slot, status);

    private static bool TryFindWritableRange(CommandSlot slot, ref readonly SubmissionQueueEntry entry, out Namespace ns) =>
        TryFindRange(slot, in entry, out ns) && IsWritable(slot, ns);

    private static void End(CommandSlot slot, NvmeStatus status)
    {
        if (status.IsSuccess)
        {
            slot.Queue.Counters.OnWritten(slot.Command.DataLength);
        }

        Finish(slot, status);
    }
}
