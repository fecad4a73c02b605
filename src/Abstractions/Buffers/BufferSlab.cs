using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Buffers;

/// <summary>One contiguous native allocation of a <see cref="BufferPool"/>; the unit of RDMA registration.</summary>
/// <remarks>Any thread. The memory stays where it is until the pool is disposed.</remarks>
public sealed unsafe partial class BufferSlab
{
    internal const int DefaultLength = 2 << 20;
    internal const int PageSize = 4096;

    // A slab cut anew keeps the blocks of its earlier cuts: stale leases still refer to them, a pop that lost a race may still read
    // their links, and when the slab is cut back their generations go on from where they were.
    private readonly BufferBlock[]?[] _cuts = new BufferBlock[]?[BufferSizeClass.Count];

    internal BufferSlab(BufferPool pool, BufferPartition partition, int index, int length)
    {
        Pool = pool;
        Partition = partition;
        Index = index;
        Length = length;
        Address = (nint)NativeMemory.AlignedAlloc((nuint)length, PageSize);

        // Faults the pages in now rather than under a command, and lets no other part of the process show through.
        NativeMemory.Clear((void*)Address, (nuint)length);
    }

    /// <summary>Index of the slab within its pool; stable, dense, never reused.</summary>
    public int Index { get; }

    /// <summary>Address of the first byte; page aligned.</summary>
    public nint Address { get; }

    /// <summary>Length in bytes; a multiple of 4096.</summary>
    public int Length { get; }

    internal BufferPool Pool { get; }

    internal BufferPartition Partition { get; }

    internal bool IsFreed { get; private set; }

    /// <summary>The class the slab is cut into now; changed under the pool's lock.</summary>
    internal int SizeClass { get; private set; }

    /// <summary>The blocks of the current cut; stable under the pool's lock.</summary>
    internal BufferBlock[] Blocks => _cuts[SizeClass]!;

    /// <summary>Cuts a slab new or retired into blocks of a class, all of them free. The caller has to list it.</summary>
    internal void CutInto(int sizeClass, bool poison)
    {
        _cuts[sizeClass] ??= MakeBlocks(sizeClass);
        SizeClass = sizeClass;
        if (poison)
        {
            Array.ForEach(Blocks, BufferPoison.Fill);
        }

        ResetFree();
    }

    /// <summary>Gives the memory back to the process; only for a slab retired.</summary>
    internal void Free()
    {
        IsFreed = true;
        NativeMemory.AlignedFree((void*)Address);
    }

    private BufferBlock[] MakeBlocks(int sizeClass)
    {
        int size = BufferSizeClass.Size(sizeClass);
        var blocks = new BufferBlock[Length / size];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new BufferBlock(this, (byte*)Address + ((long)i * size), sizeClass, i);
        }

        return blocks;
    }
}
