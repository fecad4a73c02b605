namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>The command slots of a queue pair: made when first needed, then reused, the warmest first. On the loop only.</summary>
internal sealed class CommandSlots(TcpQueuePair queuePair)
{
    private TcpQueuePairCommand[] _slots = [];
    private TcpQueuePairCommand? _free;
    private int _created;

    /// <summary>Commands under way.</summary>
    public int InUse { get; private set; }

    /// <summary>Slots made so far, in use or not.</summary>
    public ReadOnlySpan<TcpQueuePairCommand> Created => _slots.AsSpan(0, _created);

    public TcpQueuePairCommand Rent()
    {
        InUse++;
        if (_free is { } command)
        {
            _free = command.NextFree;
            return command;
        }

        if (_created == _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(4, Math.Min(2 * _slots.Length, TransferTag.MaxSlots)));
        }

        command = new TcpQueuePairCommand(queuePair, _created);
        _slots[_created++] = command;
        return command;
    }

    public void Return(TcpQueuePairCommand command)
    {
        InUse--;
        command.NextFree = _free;
        _free = command;
    }

    /// <summary>The command whose transfer has this tag; null when there is none.</summary>
    public TcpQueuePairCommand? FindTransfer(ushort transferTag)
    {
        int slot = TransferTag.Slot(transferTag);
        return slot < _created && _slots[slot] is { State: CommandState.Transferring } command && command.TransferTag == transferTag ? command : null;
    }
}
