using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Queues;

/// <summary>Reservations: the command of a preempted host, and the command that preempts.</summary>
internal sealed partial class CommandSlot
{
    /// <summary>The host was preempted while this command was under way: it ends at the next opportunity.</summary>
    public bool IsPreempted { get; private set; }

    /// <summary>What a reservation command, or a change of a feature, waits for; never faulted. Its executor's to use.</summary>
    public Task<NvmeStatus>? Work { get; private set; }

    /// <summary>The request of this command is at the back end, by itself or by its partner.</summary>
    public bool MayTouchMedium => Stage == SlotStage.AtBackend || (Stage == SlotStage.WaitingForPartner && Partner?.Stage == SlotStage.AtBackend);

    /// <summary>The command is about the blocks of this namespace. A reservation command that waits is not.</summary>
    public bool IsAbout(Namespace ns) => Stage != SlotStage.AtOtherQueue && Command.Entry.NamespaceId == ns.Id;

    /// <summary>The command is pending and cannot be ended at once.</summary>
    public void MarkPreempted()
    {
        IsPreempted = true;
        if (Stage == SlotStage.ReceivingData)
        {
            Stage = SlotStage.ReceivingToFail;
        }
    }

    /// <summary>Waits for something that takes its own deadlines; <see cref="CommandExecutor.OnResumed"/> follows.</summary>
    public void WaitFor(Task<NvmeStatus> work)
    {
        Work = work;
        WaitFor(work, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends a command whose work is done.</summary>
    public void EndWork()
    {
        NvmeStatus status = Work!.Result;
        Work = null;
        if (status.IsSuccess)
        {
            Succeed();
        }
        else
        {
            Fail(status);
        }
    }
}
