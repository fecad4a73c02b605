using System.Runtime.InteropServices;
using Nvmf.EventLoop.Native;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>
/// A large range of bytes that reads as zeroes and takes memory, in chunks of 2 MiB, where it is written to. On Linux the chunks are parts
/// of a mapping that the kernel fills page by page; elsewhere each is an allocation. Who writes to or releases a chunk excludes others by
/// <see cref="BlockRangeLocks"/>; readers may look at any time, since the address of a chunk stays valid until the finalizer.
/// </summary>
internal sealed unsafe class SparseMemory
{
    public const int ChunkShift = 21;
    public const long ChunkSize = 1L << ChunkShift;
    public const long MaxSize = 1L << 46;

    private readonly List<Segment> _segments = [];
    private nint[] _chunks = [];
    private long _allocatedChunks;

    ~SparseMemory()
    {
        if (OperatingSystem.IsLinux())
        {
            foreach (Segment segment in _segments)
            {
                _ = NativeMethods.UnmapMemory((void*)segment.Mapping, segment.Length + (nuint)ChunkSize);
            }
        }
        else
        {
            foreach (nint chunk in _chunks)
            {
                NativeMemory.Free((void*)chunk);
            }
        }
    }

    /// <summary>Bytes in chunks that were written to and not released since.</summary>
    public long AllocatedBytes => Volatile.Read(ref _allocatedChunks) << ChunkShift;

    /// <summary>Makes room for <paramref name="size"/> bytes. Nobody writes meanwhile.</summary>
    /// <returns>False: the system does not give the address space.</returns>
    public bool TryGrow(long size)
    {
        int needed = checked((int)((size + ChunkSize - 1) >> ChunkShift));
        int present = _chunks.Length;
        if (needed <= present)
        {
            return true;
        }

        if (OperatingSystem.IsLinux())
        {
            var length = (nuint)(needed - present) << ChunkShift;
            nint mapping = NativeMethods.MapMemory(length + (nuint)ChunkSize);
            if (mapping < 0)
            {
                return false;
            }

            var segment = new Segment(present, mapping, length);
            _segments.Add(segment);

            // A chunk is a huge page: random reads of a large disk otherwise spend more time on page tables than on copying.
            _ = NativeMethods.PreferHugePages((void*)segment.Address, length);
        }

        // Readers go on with the old table: they miss only writes that begin after this call.
        var chunks = new nint[needed];
        _chunks.CopyTo(chunks, 0);
        Volatile.Write(ref _chunks, chunks);
        return true;
    }

    /// <summary>The byte at <paramref name="offset"/> and those up to the end of its chunk; null when the chunk holds nothing but zeroes.</summary>
    public byte* Find(long offset)
    {
        nint[] chunks = Volatile.Read(ref _chunks);
        nint chunk = Volatile.Read(ref chunks[offset >> ChunkShift]);
        return chunk == 0 ? null : (byte*)chunk + (offset & (ChunkSize - 1));
    }

    /// <summary>Like <see cref="Find"/>, but makes the chunk. Null: out of memory. The caller holds the unit.</summary>
    public byte* FindOrAllocate(long offset)
    {
        byte* address = Find(offset);
        return address != null ? address : Allocate(offset);
    }

    /// <summary>Makes a chunk zero and gives its memory back. The caller holds all its units.</summary>
    public void Release(long chunkIndex)
    {
        nint chunk = _chunks[chunkIndex];
        if (chunk == 0)
        {
            return;
        }

        // Where memory cannot be given back, or another reader may still look at it, zeroes do.
        if (OperatingSystem.IsLinux() && NativeMethods.DiscardMemory((void*)chunk, (nuint)ChunkSize) >= 0)
        {
            Volatile.Write(ref _chunks[chunkIndex], 0);
            Interlocked.Decrement(ref _allocatedChunks);
        }
        else
        {
            NativeMemory.Clear((void*)chunk, (nuint)ChunkSize);
        }
    }

    /// <summary>Gives all memory back. Addresses stay valid (and read as zeroes) for stragglers until the finalizer.</summary>
    public void ReleaseAll()
    {
        for (int i = 0; i < _chunks.Length; i++)
        {
            Release(i);
        }
    }

    private byte* Allocate(long offset)
    {
        long index = offset >> ChunkShift;
        nint chunk;
        if (OperatingSystem.IsLinux())
        {
            chunk = AddressInSegment(index);
        }
        else
        {
            try
            {
                chunk = (nint)NativeMemory.AllocZeroed((nuint)ChunkSize);
            }
            catch (OutOfMemoryException)
            {
                return null;
            }
        }

        // Holders of other units of this chunk may be here too.
        nint present = Interlocked.CompareExchange(ref _chunks[index], chunk, 0);
        if (present == 0)
        {
            Interlocked.Increment(ref _allocatedChunks);
        }
        else if (present != chunk)
        {
            NativeMemory.Free((void*)chunk);
        }

        return Find(offset);
    }

    private nint AddressInSegment(long chunkIndex)
    {
        int i = _segments.Count - 1;
        while (_segments[i].FirstChunk > chunkIndex)
        {
            i--;
        }

        return _segments[i].Address + (nint)((chunkIndex - _segments[i].FirstChunk) << ChunkShift);
    }

    /// <summary>A mapping that is a chunk longer than its <paramref name="Length"/>, so that its chunks can be aligned.</summary>
    private readonly record struct Segment(int FirstChunk, nint Mapping, nuint Length)
    {
        public nint Address => (Mapping + (nint)ChunkSize - 1) & -(nint)ChunkSize;
    }
}
