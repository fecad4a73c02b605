using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Write Zeroes.</summary>
internal sealed class WriteZeroesExecutor : BlockExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!HasNoData(slot) || !TryFindRange(slot, in entry, out Namespace ns) || !IsWritable(slot, ns) || !IsAdmitted(slot, ns, ReservationAccess.Write))
        {
            return;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        slot.ForceUnitAccess = MustBeDurable(slot, command.ForceUnitAccess);
        slot.Deallocate = command.Deallocate;
        if (slot.Submit(ns, BackendOperation.WriteZeroes, command.StartingLba, command.Blocks, default, out NvmeStatus status))
        {
            Finish(slot, status);
        }
    }

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => Finish(slot, status);
}
