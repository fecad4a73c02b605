using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Queues;

namespace Nvmf.Target.InputOutput;

/// <summary>Flushes namespaces one after the other, in the order of their identifiers. The first error ends it.</summary>
internal static class NamespaceFlush
{
    /// <summary>One namespace.</summary>
    public static void Start(CommandSlot slot, Namespace ns)
    {
        slot.Progress.Index = int.MaxValue;
        if (slot.Submit(ns, BackendOperation.Flush, 0, 0, default, out NvmeStatus status))
        {
            OnBackendCompleted(slot, status);
        }
    }

    /// <summary>Every namespace that is there when its turn comes.</summary>
    public static void StartAll(CommandSlot slot)
    {
        slot.Progress.Index = 1;
        Continue(slot);
    }

    public static void OnBackendCompleted(CommandSlot slot, NvmeStatus status)
    {
        if (!status.IsSuccess)
        {
            slot.Fail(status);
        }
        else if (slot.Queue.IsQuiescing && slot.Progress.Index != int.MaxValue)
        {
            slot.Drop();
        }
        else
        {
            Continue(slot);
        }
    }

    private static void Continue(CommandSlot slot)
    {
        Subsystem subsystem = slot.Queue.ConnectedController.Subsystem!;
        while (slot.Progress.Index <= subsystem.MaxNamespaces)
        {
            if (subsystem.FindNamespace((uint)slot.Progress.Index++) is not { } ns)
            {
                continue;
            }

            if (!slot.Submit(ns, BackendOperation.Flush, 0, 0, default, out NvmeStatus status))
            {
                return;
            }

            if (!status.IsSuccess)
            {
                slot.Fail(status);
                return;
            }
        }

        slot.Succeed();
    }
}
