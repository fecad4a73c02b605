using Nvmf.Hosting.Internal;
using Nvmf.Target.Namespaces;

namespace Nvmf.Hosting.Disks;

/// <summary>Makes back ends of specifications, and says in one sentence why one cannot be made.</summary>
internal static class DiskOpener
{
    public static async Task<NamespaceBackend> OpenAsync(DiskSpecification disk, CancellationToken cancellationToken)
    {
        NamespaceBackend backend = await OpenPlainAsync(disk, cancellationToken).ConfigureAwait(false);
        if (disk.Delay > TimeSpan.Zero)
        {
            var slow = new FaultInjectingBackend(backend);
            slow.SetRules(new FaultRule { Delay = disk.Delay });
            return slow;
        }

        return backend;
    }

    /// <summary>Changes the size, off the caller's thread: a file may wait for its disk.</summary>
    public static async Task ResizeAsync(NamespaceBackend backend, long sizeInBytes, CancellationToken cancellationToken)
    {
        if (sizeInBytes <= 0 || sizeInBytes % backend.BlockSize != 0)
        {
            throw new NvmeTargetException(
                NvmeTargetError.Invalid, $"The size {sizeInBytes} is not a positive multiple of the block size {backend.BlockSize}.");
        }

        if (backend is MemoryBackend && sizeInBytes > MemoryBackend.MaxSizeInBytes)
        {
            throw new NvmeTargetException(NvmeTargetError.Invalid, $"A memory disk has at most {ByteSize.Format(MemoryBackend.MaxSizeInBytes)}.");
        }

        ulong blocks = (ulong)(sizeInBytes / backend.BlockSize);
        Action resize = backend switch
        {
            MemoryBackend memory => () => memory.Resize(blocks),
            FileBackend file => () => file.Resize(blocks),
            _ => throw new NvmeTargetException(NvmeTargetError.Invalid, "A disk of this kind cannot change its size."),
        };
        try
        {
            await Task.Run(resize, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or OutOfMemoryException)
        {
            throw new NvmeTargetException(NvmeTargetError.Unavailable, ErrorText.Sentence(failure), failure);
        }
    }

    private static async Task<NamespaceBackend> OpenPlainAsync(DiskSpecification disk, CancellationToken cancellationToken)
    {
        try
        {
            return disk.Kind switch
            {
                DiskKind.Memory => new MemoryBackend(disk.SizeInBytes!.Value, disk.BlockSize),
                DiskKind.Null => new NullBackend(disk.SizeInBytes!.Value, disk.BlockSize),
                _ => await FileBackend.OpenAsync(
                    disk.Path!,
                    new FileBackendOptions { SizeInBytes = disk.SizeInBytes, BlockSize = disk.BlockSize, ReadOnly = disk.ReadOnly },
                    cancellationToken).ConfigureAwait(false),
            };
        }
        catch (Exception failure) when (failure is BackendOpenException or ArgumentException or OutOfMemoryException)
        {
            NvmeTargetError error = failure is BackendOpenException { IsInUse: true } ? NvmeTargetError.Conflict : NvmeTargetError.Unavailable;
            throw new NvmeTargetException(error, ErrorText.Sentence(failure), failure);
        }
    }
}
