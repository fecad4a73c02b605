using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Flush: one namespace, or all of them by the broadcast identifier.</summary>
internal sealed class FlushExecutor : BlockExecutor
{
    public override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!HasNoData(slot))
        {
            return;
        }

        if (entry.NamespaceId == NamespaceIdentifiers.Broadcast)
        {
            if (AreAllAdmitted(slot))
            {
                NamespaceFlush.StartAll(slot);
            }
        }
        else if (TryFindNamespace(slot, entry.NamespaceId, out Namespace ns) && IsAdmitted(slot, ns, ReservationAccess.Write))
        {
            NamespaceFlush.Start(slot, ns);
        }
    }

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => NamespaceFlush.OnBackendCompleted(slot, status);

    // All or nothing: one that is reserved for others refuses the command.
    private static bool AreAllAdmitted(CommandSlot slot)
    {
        foreach (Namespace ns in slot.Queue.ConnectedController.Subsystem!.Namespaces)
        {
            if (!IsAdmitted(slot, ns, ReservationAccess.Write))
            {
                return false;
            }
        }

        return true;
    }
}
