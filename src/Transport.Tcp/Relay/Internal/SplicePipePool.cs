using Nvmf.EventLoop.Native;

namespace Nvmf.Transport.Tcp.Relay.Internal;

/// <summary>
/// The pipes of one loop. A pipe that comes back with bytes in it would give them to the next connection that uses it (failure F3), so only a pipe that
/// is proven empty is kept: by our count and by the kernel's. Any other is closed, and counted.
/// </summary>
internal class SplicePipePool(RelayOptions options, RelayCounters counters)
{
    private readonly Stack<SplicePipe> _empty = new();
    private bool _closed;

    public int Open { get; private set; }

    public int Pooled => _empty.Count;

    /// <returns>Null when there may be no more pipes, or the kernel refuses one.</returns>
    public SplicePipe? TryRent()
    {
        if (_empty.TryPop(out SplicePipe? pipe))
        {
            pipe.Reset();
            return pipe;
        }

        if (Open >= options.MaxPipes || _closed)
        {
            return null;
        }

        int result = NativeMethods.CreatePipe(out int readEnd, out int writeEnd);
        if (result < 0)
        {
            return null;
        }

        int size = NativeMethods.SetPipeSize(writeEnd, options.PipeSize);
        if (size < 0)
        {
            // EPERM beyond the user's limit, EBUSY never with an empty pipe: it has the size it has.
            counters.PipesSmall++;
            size = NativeMethods.GetPipeSize(writeEnd);
        }

        Open++;
        counters.PipesOpened++;
        int capacity = size > 0 ? Math.Min(size, options.PipeSize) : 4096;
        return new SplicePipe(this, new SafeFileDescriptor(readEnd), new SafeFileDescriptor(writeEnd), capacity);
    }

    public void Return(SplicePipe pipe)
    {
        bool isEmpty = IsProvablyEmpty(pipe);
        if (!isEmpty)
        {
            counters.PipesNotEmpty++;
        }

        if (isEmpty && !_closed && _empty.Count < options.MaxPooledPipes)
        {
            _empty.Push(pipe);
            return;
        }

        Open--;
        counters.PipesClosed++;
        pipe.Close();
    }

    /// <summary>Closes what is pooled, and what comes back later.</summary>
    public void Close()
    {
        _closed = true;
        while (_empty.TryPop(out SplicePipe? pipe))
        {
            Open--;
            counters.PipesClosed++;
            pipe.Close();
        }
    }

    /// <summary>Tests break this to see whether they notice.</summary>
    protected virtual bool IsProvablyEmpty(SplicePipe pipe) => pipe.Bytes == 0 && pipe.AvailableBytes == 0;
}
