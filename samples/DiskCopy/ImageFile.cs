using Microsoft.Win32.SafeHandles;

namespace DiskCopy;

/// <summary>The image: read or written at any place, by several chunks at a time. Behind its end there are zeroes.</summary>
internal sealed class ImageFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    public ImageFile(FileInfo file, bool isSource, long deviceSize)
    {
        _handle = isSource
            ? File.OpenHandle(file.FullName, options: FileOptions.Asynchronous | FileOptions.SequentialScan)
            : File.OpenHandle(file.FullName, FileMode.Create, FileAccess.ReadWrite, options: FileOptions.Asynchronous);
        Length = isSource ? RandomAccess.GetLength(_handle) : deviceSize;
        if (Length > deviceSize)
        {
            _handle.Dispose();
            throw new InvalidOperationException($"{file.Name} has {Length} bytes, the namespace only {deviceSize}.");
        }

        // A block device, for one: .NET knows only the length of files, and nothing at all would be copied.
        if (isSource && Length == 0 && RandomAccess.Read(_handle, new byte[1], 0) > 0)
        {
            _handle.Dispose();
            throw new InvalidOperationException($"{file} is no image file: it does not say how long it is.");
        }
    }

    public long Length { get; }

    public async ValueTask ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var read = await RandomAccess.ReadAsync(_handle, destination, offset, cancellationToken);
            if (read == 0)
            {
                destination.Span.Clear();
                return;
            }

            destination = destination[read..];
            offset += read;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> source, long offset, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(_handle, source, offset, cancellationToken);

    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
