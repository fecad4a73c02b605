using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Queues;

namespace Nvmf.Target.InputOutput;

/// <summary>
/// A command that takes several requests to the back end, one at a time. It stops when the queue ends, and gives the loop to other commands after some steps that
/// the back end answered at once.
/// </summary>
internal abstract class SteppedExecutor : BlockExecutor
{
    private const int StepsBeforeYield = 8;

    public sealed override void OnBackendCompleted(CommandSlot slot, NvmeStatus status)
    {
        slot.Progress.StepsInline = 0;
        if (!status.IsSuccess)
        {
            slot.Fail(status);
        }
        else if (OnStepDone(slot))
        {
            ContinueUnlessQuiescing(slot);
        }
    }

    public sealed override void OnResumed(CommandSlot slot)
    {
        slot.Progress.StepsInline = 0;
        Continue(slot);
    }

    /// <summary>Begins with <see cref="CommandSlot.Progress"/> as the caller has set it.</summary>
    protected void Continue(CommandSlot slot)
    {
        while (HasMore(slot))
        {
            if (slot.Progress.StepsInline++ == StepsBeforeYield)
            {
                slot.Yield();
                return;
            }

            // Every step: the namespace may have gone or shrunk.
            if (!TryFindNamespace(slot, slot.Command.Entry.NamespaceId, out Namespace ns) || !SubmitStep(slot, ns, out NvmeStatus status))
            {
                return;
            }

            if (!status.IsSuccess)
            {
                slot.Fail(status);
                return;
            }

            if (!OnStepDone(slot))
            {
                return;
            }
        }

        slot.Succeed();
    }

    private void ContinueUnlessQuiescing(CommandSlot slot)
    {
        if (slot.Queue.IsQuiescing && HasMore(slot))
        {
            slot.Drop();
        }
        else if (slot.IsPreempted && HasMore(slot))
        {
            slot.Fail(NvmeStatus.AbortedPreemptAndAbort);
        }
        else
        {
            Continue(slot);
        }
    }

    /// <summary>There is another step. When there is none, the command succeeds.</summary>
    protected abstract bool HasMore(CommandSlot slot);

    /// <summary>Makes the next request, or completes the command when it cannot.</summary>
    /// <returns>True: done, with <paramref name="status"/>. False: it is under way, or the command is complete.</returns>
    protected abstract bool SubmitStep(CommandSlot slot, Namespace ns, out NvmeStatus status);

    /// <summary>A step succeeded.</summary>
    /// <returns>False when the command was completed.</returns>
    protected abstract bool OnStepDone(CommandSlot slot);

    /// <summary>Completes the command when a step's range is no longer within the namespace.</summary>
    protected static bool IsWithin(CommandSlot slot, Namespace ns, ulong start, ulong count)
    {
        if (Contains(ns, start, count))
        {
            return true;
        }

        slot.Reject(NvmeStatus.LbaOutOfRange);
        return false;
    }

    /// <summary>Blocks of the next step, at most a chunk.</summary>
    protected static uint StepOf(ulong remaining, int chunkLength, Namespace ns) =>
        (uint)Math.Min(remaining, (ulong)(chunkLength >> ns.BlockShift));
}
