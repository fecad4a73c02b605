namespace Nvmf.Abstractions.Connections;

/// <summary>
/// The outstanding commands of a host queue pair by command identifier (CID). An identifier is a slot and a generation, so that an answer to a command that
/// is over does not find the next one of its slot (invariant I7), until the six bits of the generation come round.
/// </summary>
/// <typeparam name="TCommand">What a transport keeps of a command.</typeparam>
/// <remarks>Not thread-safe: on the queue pair's loop. Allocates nothing after its making.</remarks>
public sealed class OutstandingCommands<TCommand>
    where TCommand : class
{
    // Not to be used by hosts: it stands for "no command" in log pages.
    private const ushort NoCommand = 0xFFFF;

    private readonly Slot[] _slots;
    private readonly Stack<int> _freeSlots;

    /// <summary>Room for <paramref name="capacity"/> commands.</summary>
    /// <param name="capacity">1 to <see cref="HostQueuePairOptions.MaxQueueSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of its range.</exception>
    public OutstandingCommands(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, HostQueuePairOptions.MaxQueueSize);
        _slots = new Slot[capacity];
        _freeSlots = new Stack<int>(capacity);
        for (int slot = capacity - 1; slot >= 0; slot--)
        {
            _freeSlots.Push(slot);
        }
    }

    /// <summary>There is no room for another command.</summary>
    public bool IsFull => _freeSlots.Count == 0;

    /// <summary>Takes a command in.</summary>
    /// <returns>Its identifier, until it is removed.</returns>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    public ushort Add(TCommand command)
    {
        int index = _freeSlots.Pop();
        ref Slot slot = ref _slots[index];
        slot.Command = command;
        slot.CommandId = NextCommandId(ref slot, index);
        return slot.CommandId;
    }

    /// <summary>The outstanding command with this identifier, which may be anything that a controller sent; null when there is none.</summary>
    public TCommand? Find(ushort commandId)
    {
        int index = commandId % HostQueuePairOptions.MaxQueueSize;
        if (index >= _slots.Length)
        {
            return null;
        }

        ref Slot slot = ref _slots[index];
        return slot.CommandId == commandId ? slot.Command : null;
    }

    /// <summary>Takes a command out: its slot can be used again, its identifier not soon.</summary>
    /// <exception cref="InvalidOperationException">No outstanding command has this identifier.</exception>
    public void Remove(ushort commandId)
    {
        if (Find(commandId) is null)
        {
            throw new InvalidOperationException("No outstanding command has this identifier.");
        }

        int index = commandId % HostQueuePairOptions.MaxQueueSize;
        _slots[index].Command = null;
        _freeSlots.Push(index);
    }

    /// <summary>Any outstanding command, or null. Looks at every slot: for the end of a queue pair.</summary>
    public TCommand? FirstOrDefault()
    {
        foreach (ref readonly Slot slot in _slots.AsSpan())
        {
            if (slot.Command is { } command)
            {
                return command;
            }
        }

        return null;
    }

    private static ushort NextCommandId(ref Slot slot, int index)
    {
        ushort id = Next(ref slot, index);
        return id == NoCommand ? Next(ref slot, index) : id;

        static ushort Next(ref Slot slot, int index) => (ushort)((slot.Generation++ * HostQueuePairOptions.MaxQueueSize) + index);
    }

    private struct Slot
    {
        public TCommand? Command;
        public ushort CommandId;
        public ushort Generation;
    }
}
