namespace Nvmf.Transport.Rdma.QueuePairs;

/// <summary>Commands that wait for the send queue, first come, first served; linked through the commands.</summary>
internal struct CommandQueue
{
    private RdmaQueuePairCommand? _last;

    public RdmaQueuePairCommand? First { get; private set; }

    public void Add(RdmaQueuePairCommand command)
    {
        command.NextFree = null;
        if (First is null)
        {
            First = command;
        }
        else
        {
            _last!.NextFree = command;
        }

        _last = command;
    }

    public void RemoveFirst() => First = First!.NextFree;

    /// <summary>Takes a command out wherever it is; looks through all.</summary>
    public void Remove(RdmaQueuePairCommand command)
    {
        RdmaQueuePairCommand? all = First;
        First = null;
        while (all is not null)
        {
            RdmaQueuePairCommand? next = all.NextFree;
            if (all != command)
            {
                Add(all);
            }

            all = next;
        }
    }

    public void Clear() => First = null;
}
