using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Read. What a back end lends goes to the host from where it is.</summary>
internal sealed class ReadExecutor : BlockExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindRange(slot, in entry, out Namespace ns) || !IsAdmitted(slot, ns, ReservationAccess.Read))
        {
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        uint blocks = command.Blocks;
        if (!HasLengthOf(slot, ns, blocks))
        {
            return;
        }

        bool lends = ns.LendsMemory && slot.Queue.GathersData;
        if ((lends || slot.EnsureBuffer((int)(blocks << ns.BlockShift)))
            && slot.Submit(ns, BackendOperation.Read, command.StartingLba, blocks, lends ? default : slot.Buffer, out NvmeStatus status))
        {
            End(slot, status);
        }
    }

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => End(slot, status);

    private static void End(CommandSlot slot, NvmeStatus status)
    {
        if (!status.IsSuccess)
        {
            slot.Fail(status);
            return;
        }

        slot.Queue.Counters.OnRead(slot.Command.DataLength);
        if (slot.Buffer.IsEmpty)
        {
            slot.SucceedWithLent();
        }
        else
        {
            slot.SucceedWithBuffer();
        }
    }
}
