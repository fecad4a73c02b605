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
        if (Length <= deviceSize)
        {
            return;
        }

        _handle.Dispose();
        throw new InvalidOperationException($"{file.Name} has {Length} bytes, the namespace only {deviceSize}.");
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
