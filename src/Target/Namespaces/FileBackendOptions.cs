namespace Nvmf.Target.Namespaces;

/// <summary>How to open a <see cref="FileBackend"/>.</summary>
public sealed class FileBackendOptions
{
    /// <summary>
    /// Size in bytes of an image that does not exist yet (or is empty): it is created, without allocating anything. Null: the image must exist.
    /// An existing image keeps its size; one that has another size than asked for is refused.
    /// </summary>
    public long? SizeInBytes { get; set; }

    /// <summary>Logical block size: 512, 1024, 2048 or 4096 bytes. Default 512.</summary>
    public int BlockSize { get; set; } = 512;

    /// <summary>Open for reading only; others may read the image at the same time.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Largest number of threads that wait for the disk, 1 to 256. Default 8. Threads start when there is work for them.</summary>
    public int MaxThreads { get; set; } = 8;
}
