namespace Nvmf.Abstractions.Buffers;

/// <summary>The free blocks of one slab, in one word: a linked list with its length.</summary>
/// <remarks>
/// <code>
/// 63         24   23     22  20   19    10   9     0
/// ┌────────────┬────────┬───────┬─────────┬─────────┐
/// │ tag        │ listed │ class │ count   │ first   │   changed by compare-and-swap only
/// └────────────┴────────┴───────┴─────────┴─────────┘
/// first   number + 1 of the first free block; its BufferBlock.NextFree goes on; 0 for none
/// count   length of the list; all blocks of the slab: nobody has rented any
/// class   size class of the cut; a renter that comes with an outdated idea of it finds out here
/// listed  the slab is on its class's list of slabs, or somebody is about to put it there
/// tag     moves on with every change: a pop that read the link of a block which was meanwhile popped, reused and pushed
///         again fails its compare (the ABA problem)
/// </code>
/// </remarks>
internal readonly struct BufferSlabHead(ulong bits)
{
    private const int CountShift = 10;
    private const int ClassShift = 20;
    private const int TagShift = 24;
    private const ulong FirstMask = (1UL << CountShift) - 1;
    private const ulong One = 1UL << CountShift;
    private const ulong ListedBit = 1UL << 23;
    private const ulong TagStep = 1UL << TagShift;

    public ulong Bits { get; } = bits;

    public int First => (int)(Bits & FirstMask);

    public int Count => (int)((Bits >> CountShift) & FirstMask);

    public int SizeClass => (int)((Bits >> ClassShift) & 7);

    public bool IsListed => (Bits & ListedBit) != 0;

    public BufferSlabHead Pop(int next) => new(((Bits & ~FirstMask) | (uint)next) - One + TagStep);

    public BufferSlabHead PushListed(int first) => new((((Bits & ~FirstMask) | (uint)first) + One + TagStep) | ListedBit);

    public BufferSlabHead Unlisted() => new((Bits & ~ListedBit) + TagStep);

    /// <summary>Listed, with blocks 1..<paramref name="count"/> of a class in the list, or with none.</summary>
    public BufferSlabHead Reset(int sizeClass, int count) =>
        new((((Bits >> TagShift) + 1) << TagShift) | ListedBit | ((ulong)sizeClass << ClassShift) | ((ulong)count << CountShift) | (count == 0 ? 0UL : 1));
}
