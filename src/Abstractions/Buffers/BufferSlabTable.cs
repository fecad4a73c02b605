namespace Nvmf.Abstractions.Buffers;

/// <summary>All slabs of a pool by index. Read without a lock; written under the pool's lock.</summary>
internal sealed class BufferSlabTable(int capacity)
{
    private readonly BufferSlab?[] _slabs = new BufferSlab?[capacity];
    private BufferSlab[] _published = [];

    public BufferSlab this[int index] => _slabs[index]!;

    public BufferSlab[] All => Volatile.Read(ref _published);

    public int Count => All.Length;

    public void Add(BufferSlab slab)
    {
        _slabs[slab.Index] = slab;
        Volatile.Write(ref _published, [.. _published, slab]);
    }
}
