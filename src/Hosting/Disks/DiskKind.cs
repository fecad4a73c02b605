namespace Nvmf.Hosting.Disks;

/// <summary>Where a disk keeps its blocks.</summary>
public enum DiskKind
{
    /// <summary>In memory; gone when the process ends.</summary>
    Memory,

    /// <summary>In a file or on a block device.</summary>
    File,

    /// <summary>Nowhere: writes are dropped, reads give zeroes. For measurements.</summary>
    Null,
}
