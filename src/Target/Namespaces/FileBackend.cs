using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>
/// Blocks in a file or block device, through the page cache of the system. What the cache can answer at once is answered on the event loop;
/// everything that may wait for a disk is done by threads of this back end.
/// </summary>
/// <remarks>
/// <para>
/// Durability: a completed write survives the end of this process; it survives a loss of power after a completed flush, or at once when it
/// had FUA. When the system reports that it lost written data (a failed fdatasync), that flush <b>and all later ones</b> fail until the image
/// is opened again, because the system reports such a loss only once (<see cref="SyncFailure"/>).
/// </para>
/// <para>Holes stay holes: deallocation punches them, and reading one does not fill it.</para>
/// </remarks>
public sealed partial class FileBackend : NamespaceBackend
{
    private readonly FileDevice _device;
    private readonly BackendWorkers _workers;
    private readonly BlockRangeLocks _locks = new();
    private readonly Lock _resizeLock = new();
    private long _size;

    internal FileBackend(FileDevice device, string path, FileBackendOptions options)
    {
        _device = device;
        Path = path;
        BlockSize = options.BlockSize;
        IsReadOnly = options.ReadOnly;
        SetSize(device.Length);
        _workers = new BackendWorkers("nvmf disk " + System.IO.Path.GetFileName(path), options.MaxThreads, Execute);
        _flushWork = new FlushWork();
    }

    /// <summary>The path as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public override int BlockSize { get; }

    /// <inheritdoc/>
    public override ulong BlockCount => (ulong)Volatile.Read(ref _size) / (uint)BlockSize;

    /// <summary>Bytes at the end of the image that do not fill a block and are not served.</summary>
    public long UnusedTailBytes { get; private set; }

    /// <inheritdoc/>
    public override bool HasVolatileWriteCache => !IsReadOnly;

    /// <inheritdoc/>
    public override bool DeallocatedBlocksReadZeroes => _device.CanPunchHoles;

    /// <inheritdoc/>
    public override bool SupportsCompareAndWrite => true;

    /// <inheritdoc/>
    public override int PreferredGranularity => Math.Max(BlockSize, _device.PreferredGranularity);

    /// <summary>Opens an image or a block device, or creates an image.</summary>
    /// <param name="path">The path.</param>
    /// <param name="options">How; null for an existing image with blocks of 512 bytes.</param>
    /// <exception cref="BackendOpenException">
    /// The image is missing, empty, a directory, in use, of another size than asked for, or there is no permission: one sentence that says which.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static FileBackend Open(string path, FileBackendOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new FileBackendOptions();
        ThrowIfInvalidBlockSize(options.BlockSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxThreads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxThreads, 256, nameof(options));
        if (options.SizeInBytes is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(size, options.BlockSize, nameof(options));
        }

        FileDevice device = FileOpener.Open(path, options);
        try
        {
            FitSize(device, path, options);
            return new FileBackend(device, path, options);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary><see cref="Open"/> on another thread: opening may wait for the disk.</summary>
    /// <inheritdoc cref="Open" path="//param|//exception"/>
    public static Task<FileBackend> OpenAsync(string path, FileBackendOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => Open(path, options), cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _workers.DisposeAsync().ConfigureAwait(false);
        await Task.Run(SyncNow).ConfigureAwait(false);
        _device.Dispose();
        if (SyncFailure is { } failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    private static void FitSize(FileDevice device, string path, FileBackendOptions options)
    {
        long length = device.Length;
        long? wanted = options.SizeInBytes & -options.BlockSize;
        if (length == 0 && wanted is { } size && !options.ReadOnly)
        {
            int result = device.SetLength(size);
            if (result < 0)
            {
                throw new BackendOpenException($"The disk image '{path}' cannot be made {size} bytes long: {DescribeError(result)}.");
            }
        }
        else if (length < options.BlockSize)
        {
            throw new BackendOpenException(length <= 0
                ? $"The disk image '{path}' is empty; give a size for it."
                : $"The disk image '{path}' holds {length} bytes, less than one block of {options.BlockSize}.");
        }
        else if (wanted != null && wanted != (length & -options.BlockSize))
        {
            throw new BackendOpenException(
                $"The disk image '{path}' exists and has {length} bytes, not {options.SizeInBytes}; leave the size out to use it as it is.");
        }
    }

    private static string DescribeError(nint result) => System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage((int)-result);

    private void SetSize(long length)
    {
        UnusedTailBytes = length & (BlockSize - 1);
        Volatile.Write(ref _size, length - UnusedTailBytes);
    }
}
