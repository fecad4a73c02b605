using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>Reservation Register, Acquire and Release: keys come from the host, the rules are in <see cref="ReservationRules"/>.</summary>
internal abstract class ReservationExecutor : BlockExecutor
{
    /// <summary>Linux describes 16 bytes for each of these commands, also where 8 would do.</summary>
    private const int LinuxDataLength = 16;

    /// <summary>Bytes of keys.</summary>
    protected abstract int DataLength { get; }

    public sealed override void Start(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (!TryFindReservable(slot, entry.NamespaceId, out _))
        {
            return;
        }

        if (slot.Command.DataLength == DataLength || slot.Command.DataLength == LinuxDataLength)
        {
            slot.ReceiveHostData();
        }
        else
        {
            slot.Reject(NvmeStatus.DataSglLengthInvalid);
        }
    }

    public sealed override void OnHostData(CommandSlot slot, ref readonly SubmissionQueueEntry entry)
    {
        if (TryFindNamespace(slot, entry.NamespaceId, out Namespace ns))
        {
            Change(slot, ns, entry, slot.Queue.ConnectedController.HostId);
        }
    }

    public sealed override void OnResumed(CommandSlot slot) => slot.EndWork();

    /// <summary>The namespace, for a host that can be told from others. Otherwise the command is completed.</summary>
    public static bool TryFindReservable(CommandSlot slot, uint namespaceId, out Namespace ns)
    {
        if (!TryFindNamespace(slot, namespaceId, out ns))
        {
            return false;
        }

        if (!slot.Queue.ConnectedController.HostId.IsZero)
        {
            return true;
        }

        slot.Reject(NvmeStatus.HostIdentifierNotInitialized);
        return false;
    }

    protected abstract void Change(CommandSlot slot, Namespace ns, SubmissionQueueEntry entry, Identifier128 host);
}
