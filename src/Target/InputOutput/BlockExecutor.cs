using System.Runtime.CompilerServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;
using Nvmf.Target.Reservations;

namespace Nvmf.Target.InputOutput;

/// <summary>A command about a range of blocks of one namespace.</summary>
internal abstract class BlockExecutor : CommandExecutor
{
    /// <summary>The namespace of a command, when it is there and this path may be used. Otherwise the command is completed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryFindNamespace(CommandSlot slot, uint namespaceId, out Namespace ns)
    {
        Namespace? found = slot.Queue.ConnectedController.Subsystem!.FindNamespace(namespaceId);
        ns = found!;
        if (found != null && slot.Queue.Port.AnaState <= AnaState.NonOptimized)
        {
            return true;
        }

        RejectNamespace(slot, found);
        return false;
    }

    /// <summary>Namespace and range of a command with SLBA and NLB. Otherwise the command is completed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static bool TryFindRange(CommandSlot slot, ref readonly SubmissionQueueEntry entry, out Namespace ns)
    {
        if (!TryFindNamespace(slot, entry.NamespaceId, out ns))
        {
            return false;
        }

        ref readonly InputOutputCommand command = ref InputOutputCommand.Of(in entry);
        if (!command.UsesProtectionInformation && Contains(ns, command.StartingLba, command.Blocks))
        {
            return true;
        }

        slot.Reject(command.UsesProtectionInformation ? NvmeStatus.InvalidProtectionInformation : NvmeStatus.LbaOutOfRange);
        return false;
    }

    /// <summary>
    /// No reservation keeps this host from such a command. Otherwise the command is completed. Asked once per command, when it begins: what a later reservation forbids goes on
    /// (NVMe Base, Reservations).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAdmitted(CommandSlot slot, Namespace ns, ReservationAccess access) => ns.ReservationGuard is not { } guard || IsAdmitted(slot, guard, access);

    /// <summary>The range lies within the namespace; no sum can overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static bool Contains(Namespace ns, ulong start, ulong count)
    {
        ulong size = ns.BlockCount;
        return start <= size && count <= size - start;
    }

    /// <summary>The SGL describes exactly the range, and no more than a transfer may have. Otherwise the command is completed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static bool HasLengthOf(CommandSlot slot, Namespace ns, uint blocks)
    {
        // At most 65536 blocks of at most 4096 bytes.
        uint length = blocks << ns.BlockShift;
        if (slot.Command.DataLength == length && length <= slot.Queue.MaxDataTransferSize)
        {
            return true;
        }

        slot.Reject(length > slot.Queue.MaxDataTransferSize ? NvmeStatus.InvalidField : NvmeStatus.DataSglLengthInvalid);
        return false;
    }

    /// <summary>The SGL describes nothing. Otherwise the command is completed.</summary>
    protected static bool HasNoData(CommandSlot slot)
    {
        if (slot.Command.DataLength == 0)
        {
            return true;
        }

        slot.Reject(NvmeStatus.DataSglLengthInvalid);
        return false;
    }

    /// <summary>The namespace may be changed. Otherwise the command is completed.</summary>
    protected static bool IsWritable(CommandSlot slot, Namespace ns)
    {
        if (!ns.ReadOnly)
        {
            return true;
        }

        slot.Reject(NvmeStatus.NamespaceWriteProtected);
        return false;
    }

    /// <summary>The write must reach the medium: the command says so, or the host has switched the cache off.</summary>
    protected static bool MustBeDurable(CommandSlot slot, bool forceUnitAccess) =>
        forceUnitAccess || !slot.Queue.ConnectedController.Features.WriteCacheEnabled;

    /// <summary>Ends a command whose last request is done.</summary>
    protected static void Finish(CommandSlot slot, NvmeStatus status)
    {
        if (status.IsSuccess)
        {
            slot.Succeed();
        }
        else
        {
            slot.Fail(status);
        }
    }

    // A command that has its memory already has begun before it waited for that.
    private static bool IsAdmitted(CommandSlot slot, ReservationGuard guard, ReservationAccess access)
    {
        if (!slot.Buffer.IsEmpty || guard.Allows(slot.Queue.ConnectedController.HostId, access))
        {
            return true;
        }

        slot.Reject(NvmeStatus.ReservationConflict);
        return false;
    }

    // Path errors may pass, or another path may do: no DNR.
    private static void RejectNamespace(CommandSlot slot, Namespace? ns)
    {
        if (ns == null)
        {
            slot.Reject(NvmeStatus.InvalidNamespace);
            return;
        }

        slot.Fail(slot.Queue.Port.AnaState switch
        {
            AnaState.Inaccessible => NvmeStatus.AnaInaccessible,
            AnaState.PersistentLoss => NvmeStatus.AnaPersistentLoss,
            _ => NvmeStatus.AnaTransition,
        });
    }
}
