using Nvmf.Abstractions.Buffers;

namespace Nvmf.Target.Queues;

/// <summary>
/// Compare and Write, fused. The two slots know each other until the first of them ends; the Write's has the memory for both and goes to the back end. All on the loop.
/// <code>
/// Compare  WaitingForPartner ──────────────► ReceivingData ──► WaitingForPartner ─────────────────────────────► Running
/// Write              Running ──► [WaitingForBuffer] ──► WaitingForPartner ──► ReceivingData ──► AtBackend ──► Running
/// </code>
/// </summary>
internal sealed partial class CommandSlot
{
    /// <summary>The other command of the pair; null for a Compare whose Write has not come yet.</summary>
    public CommandSlot? Partner { get; private set; }

    /// <summary>This is one of a pair: another executor than that of its opcode.</summary>
    public void Fuse(CommandExecutor executor) => Executor = executor;

    /// <summary>This command is the first, <paramref name="second"/> the second of a pair.</summary>
    public void PairWith(CommandSlot second)
    {
        Partner = second;
        second.Partner = this;
    }

    /// <summary>Until <see cref="ResumeFromPartner"/>.</summary>
    public void WaitForPartner()
    {
        Stage = SlotStage.WaitingForPartner;
        Queue.AddPending(this);
    }

    /// <summary>The other command of the pair gives the word back.</summary>
    public void ResumeFromPartner()
    {
        Queue.RemovePending(this);
        Stage = SlotStage.Running;
    }

    /// <summary>Gets the command's data into memory of the pair, then calls <see cref="CommandExecutor.OnHostData"/>.</summary>
    public void ReceiveInto(BufferLease destination)
    {
        BufferLease inCapsule = Command.InCapsuleData;
        if (!inCapsule.IsEmpty)
        {
            inCapsule.Span.CopyTo(destination.Span);
            Executor.OnHostData(this, in Command.Entry);
            return;
        }

        // Before the call: the data may be there before it returns.
        Stage = SlotStage.ReceivingData;
        Queue.AddPending(this);
        Command.ReceiveData(destination);
    }

    private void LeavePartner()
    {
        if (Partner != null)
        {
            Partner.Partner = null;
            Partner = null;
        }
    }
}
