namespace Nvmf.Target.Queues;

/// <summary>The command identifiers in use on one queue: one bit each.</summary>
internal sealed class CommandIdSet
{
    private readonly ulong[] _bits = new ulong[(ushort.MaxValue + 1) / 64];

    /// <summary>False when <paramref name="commandId"/> is in use already.</summary>
    public bool TryAdd(ushort commandId)
    {
        ref ulong word = ref _bits[commandId >> 6];
        ulong bit = 1ul << commandId;
        if ((word & bit) != 0)
        {
            return false;
        }

        word |= bit;
        return true;
    }

    public void Remove(ushort commandId) => _bits[commandId >> 6] &= ~(1ul << commandId);
}
