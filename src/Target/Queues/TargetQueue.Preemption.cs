using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>The host of this queue was preempted by a Preempt and Abort.</summary>
internal sealed partial class TargetQueue
{
    /// <summary>
    /// Ends what can be ended of a namespace, as Abort does, and marks the rest. What comes to the queue from now on is judged by the new reservation, and is none of this.
    /// </summary>
    private void AbortPreempted(Namespace ns)
    {
        List<CommandSlot>? preempted = null;
        for (CommandSlot? slot = _pending.First; slot != null; slot = slot.NextPending)
        {
            if (slot.IsAbout(ns))
            {
                (preempted ??= []).Add(slot);
            }
        }

        foreach (CommandSlot slot in preempted ?? [])
        {
            if (slot == _firstFused)
            {
                EndFirstFused(NvmeStatus.AbortedPreemptAndAbort);
            }
            else if (slot.Partner == null && slot.TryCancelBufferWait())
            {
                _pending.Remove(slot);
                slot.Fail(NvmeStatus.AbortedPreemptAndAbort);
            }
            else if (!TryAbortAtBackend(slot, NvmeStatus.AbortedPreemptAndAbort))
            {
                slot.MarkPreempted();
            }
        }

        ReviewPending();
    }

    private bool TryPassPreemption(NamespaceFence fence)
    {
        bool passes = true;
        for (CommandSlot? slot = _pending.First; slot != null; slot = slot.NextPending)
        {
            if (slot.IsPreempted && slot.IsAbout(fence.Namespace))
            {
                passes = false;
                if (slot.MayTouchMedium)
                {
                    return false;
                }
            }
        }

        if (passes)
        {
            fence.Pass();
        }
        else
        {
            fence.BecomeHarmless();
        }

        return passes;
    }
}
