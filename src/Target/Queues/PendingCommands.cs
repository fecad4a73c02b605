namespace Nvmf.Target.Queues;

/// <summary>
/// Commands of one queue that did not end where they began, in no particular order: linked through the slots themselves. Lives on the queue
/// pair's loop. A command that ends inline never gets here.
/// </summary>
internal struct PendingCommands
{
    public CommandSlot? First { get; private set; }

    public readonly bool IsEmpty => First == null;

    public void Add(CommandSlot slot)
    {
        slot.PreviousPending = null;
        slot.NextPending = First;
        if (First != null)
        {
            First.PreviousPending = slot;
        }

        First = slot;
    }

    public void Remove(CommandSlot slot)
    {
        if (slot.PreviousPending != null)
        {
            slot.PreviousPending.NextPending = slot.NextPending;
        }
        else
        {
            First = slot.NextPending;
        }

        if (slot.NextPending != null)
        {
            slot.NextPending.PreviousPending = slot.PreviousPending;
        }

        slot.NextPending = slot.PreviousPending = null;
    }
}
