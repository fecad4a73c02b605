namespace Nvmf.Bench.Floor;

/// <summary>What is behind a server; its value is the namespace identifier in the commands.</summary>
internal enum FloorDisk : uint
{
    /// <summary>Bytes in memory. Of the floor: the same copies from and to as much memory, without NVMe.</summary>
    Memory = 1,

    /// <summary>Nothing: writes vanish, reads are zeroes. Of the floor: one block of memory that is always the same.</summary>
    Null = 2,
}
