using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

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
            NamespaceFlush.StartAll(slot);
        }
        else if (TryFindNamespace(slot, entry.NamespaceId, out Namespace ns))
        {
            NamespaceFlush.Start(slot, ns);
        }
    }

    public override void OnBackendCompleted(CommandSlot slot, NvmeStatus status) => NamespaceFlush.OnBackendCompleted(slot, status);
}
