namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>The command identifiers in flight: one bit for each of the 65536 a host may choose from.</summary>
internal sealed class CommandIdSet
{
    private readonly ulong[] _words = new ulong[65536 / 64];

    /// <summary>Adds an identifier; false when it is there already.</summary>
    public bool Add(ushort id)
    {
        ref ulong word = ref _words[id >> 6];
        ulong bit = 1ul << (id & 63);
        bool added = (word & bit) == 0;
        word |= bit;
        return added;
    }

    public void Remove(ushort id) => _words[id >> 6] &= ~(1ul << (id & 63));
}
