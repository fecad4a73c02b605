namespace Nvmf.Target.Namespaces;

/// <summary>Size changes.</summary>
public sealed partial class FileBackend
{
    /// <summary>
    /// Makes the image longer or shorter and raises <see cref="NamespaceBackend.Resized"/>. What lies beyond a smaller size is lost; new blocks
    /// are holes. May wait for the disk: not for event loops.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="newBlockCount"/> is 0 or too large for a file.</exception>
    /// <exception cref="IOException">The system refuses, or the image is open for reading only. The size is unchanged.</exception>
    public void Resize(ulong newBlockCount)
    {
        ArgumentOutOfRangeException.ThrowIfZero(newBlockCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newBlockCount, (ulong)long.MaxValue / (uint)BlockSize);
        if (IsReadOnly)
        {
            throw new IOException($"The disk image '{Path}' is open for reading only.");
        }

        lock (_resizeLock)
        {
            long oldSize = _size;
            long newSize = (long)newBlockCount * BlockSize;
            if (newSize < oldSize)
            {
                // Writers look at the size again inside their range: after this wait none makes the file longer again.
                Volatile.Write(ref _size, newSize);
                _locks.WaitForWriters(maySleep: true);
            }

            int result = _device.SetLength(newSize);
            if (result < 0)
            {
                Volatile.Write(ref _size, oldSize);
                throw new IOException($"The disk image '{Path}' cannot be made {newSize} bytes long: {DescribeError(result)}.");
            }

            MarkDirty();
            SetSize(newSize);
        }

        OnResized();
    }

    /// <summary>
    /// Looks at the size of the file or device again, after somebody else changed it, and raises <see cref="NamespaceBackend.Resized"/> when
    /// it did change.
    /// </summary>
    /// <returns>True when the size changed.</returns>
    public bool RefreshSize()
    {
        lock (_resizeLock)
        {
            long before = _size;
            long length = _device.Length;
            if (length < BlockSize || (length & -BlockSize) == before)
            {
                return false;
            }

            SetSize(length);
        }

        OnResized();
        return true;
    }
}
