namespace Nvmf.Bench.Load;

/// <summary>
/// The part of the namespace one worker works on, cut into slots of one command's size. When verifying, remembers the generation of each slot and keeps
/// commands on the same slot apart: two at once have no defined result.
/// </summary>
internal sealed class Workspace
{
    private const uint Busy = 1u << 31;

    private readonly uint[]? _generations;
    private readonly ulong _run;
    private ulong _random;
    private long _next;

    /// <param name="firstByte">Start on the namespace.</param>
    /// <param name="slots">Number of slots.</param>
    /// <param name="slotSize">Bytes of a slot.</param>
    /// <param name="verify">Keep generations.</param>
    /// <param name="seed">Also tells the stamps of this run from those of others.</param>
    public Workspace(ulong firstByte, long slots, int slotSize, bool verify, int seed)
    {
        FirstByte = firstByte;
        Slots = slots;
        SlotSize = slotSize;
        _run = (ulong)(uint)seed << 32;
        _random = ((ulong)(uint)seed << 20) ^ firstByte ^ 0x9E37_79B9_7F4A_7C15;
        if (verify)
        {
            _generations = new uint[slots];
        }
    }

    public ulong FirstByte { get; }

    public long Slots { get; }

    public int SlotSize { get; }

    public ulong AddressOf(long slot) => FirstByte + ((ulong)slot * (ulong)SlotSize);

    /// <summary>A uniformly distributed number (xorshift64*).</summary>
    public ulong Random()
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return _random * 0x2545_F491_4F6C_DD1D;
    }

    public long RandomSlot()
    {
        while (true)
        {
            var slot = (long)Math.BigMul(Random(), (ulong)Slots, out _);
            if (TryOccupy(slot))
            {
                return slot;
            }
        }
    }

    public long NextSlot()
    {
        while (true)
        {
            var slot = _next;
            _next = slot + 1 == Slots ? 0 : slot + 1;
            if (TryOccupy(slot))
            {
                return slot;
            }
        }
    }

    /// <summary>The next slot of one walk over all of them; −1 when it is over.</summary>
    public long WalkSlot() => _next == Slots ? -1 : _next++;

    public void StartWalk() => _next = 0;

    public bool TryOccupy(long slot)
    {
        if (_generations is null)
        {
            return true;
        }

        if ((_generations[slot] & Busy) != 0)
        {
            return false;
        }

        _generations[slot] |= Busy;
        return true;
    }

    public void Leave(long slot)
    {
        if (_generations is not null)
        {
            _generations[slot] &= ~Busy;
        }
    }

    /// <summary>What the slot should contain; 0 when this run never wrote it.</summary>
    public ulong GenerationOf(long slot) => (_generations![slot] & ~Busy) is var generation and > 0 ? _run | generation : 0;

    /// <summary>The generation of the next write to the slot. It is the slot's from then on.</summary>
    public ulong Advance(long slot) => _run | (++_generations![slot] & ~Busy);
}
