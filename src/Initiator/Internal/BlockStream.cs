namespace Nvmf.Initiator.Internal;

/// <summary>
/// The bytes of a device as a stream. Whole blocks go straight between the device and the caller's memory; the blocks at the ragged ends of a write are read
/// first, changed and written back.
/// </summary>
internal sealed class BlockStream(NvmeBlockDevice device, FileAccess access) : Stream
{
    private readonly byte[] _ragged = new byte[device.BlockSize];
    private long _position;

    public override bool CanRead => (access & FileAccess.Read) != 0;

    public override bool CanWrite => (access & FileAccess.Write) != 0;

    public override bool CanSeek => true;

    public override long Length => (long)UInt128.Min(long.MaxValue, device.BlockCount * (UInt128)device.BlockSize);

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!CanRead)
        {
            throw new NotSupportedException("The stream was opened for writing only.");
        }

        var length = (int)Math.Min(buffer.Length, Math.Max(0, Length - _position));
        if (length == 0)
        {
            return 0;
        }

        var (block, offset) = Math.DivRem(_position, device.BlockSize);
        if (offset == 0 && length >= device.BlockSize)
        {
            length -= length % device.BlockSize;
            await device.ReadAsync((ulong)block, buffer[..length], cancellationToken).ConfigureAwait(false);
        }
        else
        {
            length = (int)Math.Min(length, device.BlockSize - offset);
            await device.ReadAsync((ulong)block, _ragged, cancellationToken).ConfigureAwait(false);
            _ragged.AsMemory((int)offset, length).CopyTo(buffer);
        }

        _position += length;
        return length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!CanWrite)
        {
            throw new NotSupportedException("The stream was opened for reading only.");
        }

        if (buffer.Length > Length - _position)
        {
            throw new IOException("The data does not fit between the position and the end of the device.");
        }

        while (!buffer.IsEmpty)
        {
            var (block, offset) = Math.DivRem(_position, device.BlockSize);
            int length;
            if (offset == 0 && buffer.Length >= device.BlockSize)
            {
                length = buffer.Length - (buffer.Length % device.BlockSize);
                await device.WriteAsync((ulong)block, buffer[..length], cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            else
            {
                length = (int)Math.Min(buffer.Length, device.BlockSize - offset);
                await device.ReadAsync((ulong)block, _ragged, cancellationToken).ConfigureAwait(false);
                buffer[..length].CopyTo(_ragged.AsMemory((int)offset));
                await device.WriteAsync((ulong)block, (ReadOnlyMemory<byte>)_ragged, cancellationToken: cancellationToken).ConfigureAwait(false);
            }

            _position += length;
            buffer = buffer[length..];
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => CanWrite ? device.FlushAsync(cancellationToken).AsTask() : Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin)
    {
        Position = checked(offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => Length,
        });
        return _position;
    }

    public override void SetLength(long value) => throw new NotSupportedException("A namespace has the size it has.");

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
}
