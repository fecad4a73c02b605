using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// The block that headers of one connection are written into, one behind the other. Leased memory, so that headers can travel in zero-copy sends;
/// when the pool has none, a pinned array, whose bytes are always copied: a header never has to wait.
/// </summary>
internal unsafe struct HeaderStaging(BufferPool pool)
{
    public const int BlockSize = 4096;
    private byte* _start;
    private int _used;

    public BufferLease Block { get; private set; }

    public byte[]? Pinned { get; private set; }

    public readonly bool HasRoom(int length) => _start is not null && length <= BlockSize - _used;

    public readonly bool IsAtStart => _used == 0;

    public byte* Take(int length)
    {
        byte* bytes = _start + _used;
        _used += length;
        return bytes;
    }

    public void Begin()
    {
        if (pool.TryRent(BlockSize, BufferPriority.Administration, out BufferLease block))
        {
            Block = block;
            _start = block.Pointer;
        }
        else
        {
            Pinned = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);
            _start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Pinned));
        }

        _used = 0;
    }

    /// <summary>Lets go of the block without touching its reference.</summary>
    public void Forget()
    {
        Block = default;
        Pinned = null;
        _start = null;
        _used = 0;
    }
}
